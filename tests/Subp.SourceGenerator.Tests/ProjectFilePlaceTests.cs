using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Subp.SourceGenerator.Tests.Driving;
using Subp.SourceGenerator.Tests.Models;
using Xunit;

namespace Subp.SourceGenerator.Tests;

/// <summary>Where findings about items and properties point to, and where their help links lead.</summary>
public sealed class ProjectFilePlaceTests
{
    private static readonly string s_text = TinyNetwork.Bundle().SubpText;

    [Theory]
    [InlineData("<SubpModel Include=\"models/tiny.subp\" ClassName=\"my-model\" />", 7)]
    [InlineData("<SubpModel Include=\"other.subp; models\\tiny.subp\" />", 7)]
    [InlineData("<SubpModel Include=\"models/*.subp\" />", 7)]
    [InlineData("<SubpModel Include=\"$(Models)\" />", 7)]
    [InlineData("<SubpModel Include=\"models/*.subp\" /><SubpModel Include=\"$(Models)\" />", 1)]
    [InlineData("<Compile Include=\"models/tiny.subp\" />", 1)]
    public void A_finding_about_an_item_points_at_its_line_where_the_project_file_shows_it(string items, int line)
    {
        var finding = Single(Run(items, model: [("ClassName", "my-model")]), "SUBP1003");
        Assert.Equal((Project.File, line), At(finding));
        Assert.Equal(line == 1 ? 0 : 5, finding.Location.GetLineSpan().StartLinePosition.Character);
    }

    [Fact]
    public void Values_and_files_are_reported_at_the_item_too()
    {
        const string Items = "<SubpModel Include=\"models/first.subp\" />\n    <SubpModel Include=\"models/tiny.subp\" />";
        Assert.Equal((Project.File, 8), At(Single(Run(Items, model: [("Unroll", "ful")]), "SUBP1004")));
        Assert.Equal((Project.File, 8), At(Single(Run(Items, text: null), "SUBP1008")));
    }

    [Fact]
    public void A_finding_about_a_property_points_at_it_or_at_the_first_model()
    {
        var result = Run(
            "<SubpModel Include=\"models/tiny.subp\" />",
            language: LanguageVersion.CSharp11,
            allowUnsafe: false,
            withFramework: false
        );
        Assert.Equal((Project.File, 3), At(Single(result, "SUBP1007")));
        Assert.Equal((Project.File, 4), At(Single(result, "SUBP1005")));
        Assert.Equal((Project.File, 7), At(Single(result, "SUBP1006")));
    }

    [Fact]
    public void An_edit_of_the_project_file_moves_findings_and_compiles_nothing()
    {
        const string Items = "<SubpModel Include=\"models/tiny.subp\" Thread=\"1\" />";
        var project = new Project([Model(s_text), File(Items)]);
        Assert.Equal((Project.File, 7), At(Single(project.Run(), "SUBP1009")));
        var result = project.Replace(File("<!-- a line more -->\n    " + Items)).Run();
        Assert.Equal((Project.File, 8), At(Single(result, "SUBP1009")));
        Assert.All(
            new[] { "SubpModels", "SubpFiles" },
            step =>
                Assert.All(
                    Project.Reasons(result, step),
                    reason =>
                        Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{step}: {reason}")
                )
        );
    }

    [Theory]
    [InlineData("", "docs/diagnostics/SUBP1003.md")]
    [InlineData("not/rooted", "docs/diagnostics/SUBP1003.md")]
    [InlineData(
        "/home/user/.nuget/packages/subp.sourcegenerator/0.1.0/docs/diagnostics",
        "file:///home/user/.nuget/packages/subp.sourcegenerator/0.1.0/docs/diagnostics/SUBP1003.md"
    )]
    [InlineData("/home/a user/docs/", "file:///home/a%20user/docs/SUBP1003.md")]
    public void A_help_link_is_the_address_of_the_page_in_the_package(string folder, string link)
    {
        if (OperatingSystem.IsWindows())
            (folder, link) = (
                folder.Replace("/home", "c:/home", StringComparison.Ordinal),
                link.Replace("/home", "/c:/home", StringComparison.Ordinal)
            );
        Assert.Equal(
            link,
            Single(
                Run("", model: [("ClassName", "my-model")], properties: [("SubpDiagnosticPages", folder)]),
                "SUBP1003"
            ).Descriptor.HelpLinkUri
        );
    }

    private static GeneratorRunResult Run(
        string items,
        (string, string)[]? model = null,
        string? text = "",
        LanguageVersion language = LanguageVersion.CSharp12,
        bool allowUnsafe = true,
        bool withFramework = true,
        (string, string)[]? properties = null
    ) =>
        new Project(
            [Model(text is null ? null : s_text, model ?? []), File(items)],
            "",
            language,
            allowUnsafe,
            withFramework: withFramework,
            properties: properties ?? []
        ).Run();

    private static ModelFile Model(string? text, params (string Name, string Value)[] more) =>
        new(
            "/home/user/app/models/tiny.subp",
            text,
            [
                .. new[] { ("Item", "models/tiny.subp"), ("Namespace", "Demo"), ("ClassName", "Tiny") }.Where(name =>
                    more.All(other => other.Name != name.Item1)
                ),
                .. more,
            ]
        );

    private static ModelFile File(string items) =>
        new(
            Project.File,
            $"""
            <Project>
              <PropertyGroup>
                <TargetFrameworks>net8.0;net10.0</TargetFrameworks>
                <LangVersion>11</LangVersion>
              </PropertyGroup>
              <ItemGroup>
                {items}
              </ItemGroup>
            </Project>
            """.ReplaceLineEndings("\n")
        )
        {
            Role = "SubpProject",
        };

    private static Diagnostic Single(GeneratorRunResult result, string id)
    {
        Assert.Null(result.Exception);
        return Assert.Single(result.Diagnostics, finding => finding.Id == id);
    }

    private static (string, int) At(Diagnostic finding) =>
        (finding.Location.GetLineSpan().Path, finding.Location.GetLineSpan().StartLinePosition.Line + 1);
}

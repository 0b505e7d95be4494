using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Text;
using Subp.SourceGenerator.Tests.Driving;
using Subp.SourceGenerator.Tests.Models;
using Xunit;

namespace Subp.SourceGenerator.Tests;

public sealed class DiagnosticTests
{
    private const string SubpFile = "/home/user/app/models/tiny.subp";
    private static readonly string s_text = TinyNetwork.Bundle().SubpText;

    [Fact]
    public void Missing_weights_are_an_error_in_the_subp_file()
    {
        var finding = Only(Refused(Model(s_text, ("WeightsFile", "models/tiny.safetensors"), ("WeightsFound", "false"))), "SUBP1001");
        AssertPlace(finding, SubpFile, 1, 1);
        Assert.Contains(
            "found no file 'models/tiny.safetensors'",
            finding.GetMessage(CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Weights_of_another_hash_are_an_error_at_the_weights_line()
    {
        var finding = Only(
            Refused(Model(s_text, ("WeightsFile", "models/tiny.safetensors"), ("WeightsHash", new string('A', 64)))),
            "SUBP0304"
        );
        AssertPlace(finding, SubpFile, Line("weights "), 1);
        Assert.Contains("of sha256:" + new string('a', 64), finding.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var right = s_text.Split('\n')[Line("weights ") - 1]["weights sha256:".Length..];
        Assert.DoesNotContain(
            new Project([Model(s_text, ("WeightsHash", right.ToUpperInvariant()))]).Run().Diagnostics,
            diagnostic => diagnostic.Id == "SUBP0304"
        );
    }

    [Fact]
    public void Two_models_of_one_class_are_an_error_at_the_second()
    {
        var other = new ModelFile("/home/user/app/models/other.subp", s_text, ("Namespace", "Demo"), ("ClassName", "Tiny"));
        var result = new Project([Model(s_text), other]).Run();
        var finding = Only(result, "SUBP1002");
        AssertPlace(finding, other.Path, 1, 1);
        Assert.Contains("'Demo.Tiny'", finding.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.NotEmpty(result.GeneratedSources);
    }

    [Theory]
    [InlineData("Demo", "TINY")]
    [InlineData("demo", "Tiny")]
    public void Two_classes_that_differ_in_case_only_are_an_error_at_the_second_and_others_are_generated(string @namespace, string name)
    {
        var other = new ModelFile("/home/user/app/models/other.subp", s_text, ("Namespace", @namespace), ("ClassName", name));
        var third = new ModelFile("/home/user/app/models/third.subp", s_text, ("Namespace", "Demo"), ("ClassName", "Third"));
        var result = new Project([Model(s_text), other, third]).Run();
        var finding = Only(result, "SUBP1002");
        AssertPlace(finding, other.Path, 1, 1);
        Assert.Contains(
            $"'{@namespace}.{name}', which differs from 'Demo.Tiny' in case only",
            finding.GetMessage(CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );
        Assert.Contains(result.GeneratedSources, source => source.HintName.StartsWith("Demo.Tiny.", StringComparison.Ordinal));
        Assert.Contains(result.GeneratedSources, source => source.HintName.StartsWith("Demo.Third.", StringComparison.Ordinal));
    }

    [Fact]
    public void Weights_files_that_differ_in_case_only_are_an_error()
    {
        var other = new ModelFile(
            "/home/user/app/models/other.subp",
            s_text,
            ("Namespace", "Other"),
            ("ClassName", "TINY"),
            ("Weights", "file")
        );
        Only(new Project([Model(s_text, ("Weights", "file")), other]).Run(), "SUBP1002");
    }

    [Fact]
    public void Two_models_with_one_weights_file_are_an_error()
    {
        var other = new ModelFile(
            "/home/user/app/models/other.subp",
            s_text,
            ("Namespace", "Elsewhere"),
            ("ClassName", "Tiny"),
            ("Weights", "file")
        );
        Assert.Contains(
            "'Tiny.safetensors'",
            Only(new Project([Model(s_text, ("Weights", "file")), other]).Run(), "SUBP1002").GetMessage(CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_class_that_the_project_declares_is_not_emitted_again()
    {
        var project = new Project([Model(s_text)], "namespace Demo { class Tiny { } }");
        Only(Refused(project), "SUBP1002");
    }

    [Theory]
    [InlineData("ClassName", "my-model")]
    [InlineData("ClassName", "Session")]
    [InlineData("ClassName", "System")]
    [InlineData("Namespace", "9lives")]
    public void A_name_that_is_no_identifier_is_an_error_in_the_project_file(string metadata, string value) =>
        AssertPlace(
            Only(Refused(new ModelFile(SubpFile, s_text, [.. Names.Where(name => name.Name != metadata), (metadata, value)])), "SUBP1003"),
            Project.File,
            1,
            1
        );

    [Theory]
    [InlineData("Unroll", "ful", "Did you mean 'full'?")]
    [InlineData("Isa", "avx512,avx", "Did you mean 'avx2'?")]
    [InlineData("Weights", "inside", "Known are: embedded, file.")]
    [InlineData("Machine", "zen55", "Did you mean 'zen5'?")]
    [InlineData("Threads", "1,two", "whole numbers from 1 to 64")]
    [InlineData("Threads", "0", "whole numbers from 1 to 64")]
    public void An_unknown_metadata_value_is_an_error_in_the_project_file(string metadata, string value, string hint)
    {
        var finding = Only(Refused(Model(s_text, (metadata, value))), "SUBP1004");
        AssertPlace(finding, Project.File, 1, 1);
        Assert.Contains("SubpModel 'models/tiny.subp'", finding.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Contains(hint, finding.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "<SubpModel Include=\"models/tiny.subp\" Thread=\"1\" threads=\"2\" />",
        2,
        43,
        "found Thread, expected",
        "Did you mean 'Threads'?"
    )]
    [InlineData(
        "<SubpModel Include=\"models/tiny.subp\"><ClasName>Tiny</ClasName></SubpModel>",
        2,
        44,
        "found ClasName, expected",
        "Did you mean 'ClassName'?"
    )]
    public void Unknown_metadata_is_a_warning_at_its_place_in_the_project_file(string item, int line, int column, string found, string hint)
    {
        var file = new ModelFile(Project.File, $"<Project>\n    {item}\n</Project>\n") { Role = "SubpProject" };
        var result = new Project([Model(s_text), file]).Run();
        Assert.NotEmpty(result.GeneratedSources);
        var finding = Assert.Single(result.Diagnostics, diagnostic => diagnostic.Severity != DiagnosticSeverity.Info);
        Assert.Equal(("SUBP1009", DiagnosticSeverity.Warning), (finding.Id, finding.Severity));
        AssertPlace(finding, Project.File, line, column);
        Assert.Contains(found, finding.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Contains(hint, finding.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "<Project><ItemGroup><SubpModel Include=\"a.subp\" Isa=\"avx2\" "
            + "Condition=\"true\"><Unroll>full</Unroll></SubpModel></ItemGroup></Project>"
    )]
    [InlineData("<Project><Broken></Project>")]
    public void Known_metadata_and_files_that_MSBuild_refuses_are_no_finding(string project) =>
        Assert.DoesNotContain(
            new Project([Model(s_text), new ModelFile(Project.File, project) { Role = "SubpProject" }]).Run().Diagnostics,
            finding => finding.Id == "SUBP1009"
        );

    [Fact]
    public void An_old_language_version_is_named_with_the_one_that_is_needed()
    {
        var finding = Only(Refused(new Project([Model(s_text)], language: LanguageVersion.CSharp11)), "SUBP1005");
        Assert.Contains(
            "found C# 11.0, expected C# 12.0 or later",
            finding.GetMessage(CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Without_unsafe_code_the_property_is_offered_and_nothing_is_emitted()
    {
        var finding = Only(Refused(new Project([Model(s_text)], allowUnsafe: false)), "SUBP1006");
        AssertPlace(finding, Project.File, 1, 1);
        Assert.Contains(
            "<AllowUnsafeBlocks>true</AllowUnsafeBlocks>",
            finding.GetMessage(CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_framework_without_vectors_is_an_error()
    {
        var result = new Project([Model(s_text)], withFramework: false).Run();
        Assert.Contains(
            "expected net9.0 or later",
            Only(result, "SUBP1007").GetMessage(CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );
        Assert.Empty(result.GeneratedSources);
    }

    [Fact]
    public void A_framework_with_the_vectors_of_NET_8_alone_is_too_old()
    {
        var result = new Project(
            [Model(s_text)],
            "namespace System.Runtime.Intrinsics.X86 { public abstract class Avx512F { } }",
            withFramework: false
        ).Run();
        Only(result, "SUBP1007");
        Assert.Empty(result.GeneratedSources);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_an_error_in_the_project_file() =>
        AssertPlace(Only(Refused(new ModelFile(SubpFile, null, Names)), "SUBP1008"), Project.File, 1, 1);

    [Fact]
    public void A_syntax_error_has_line_and_column_in_the_subp_file()
    {
        var finding = Only(Refused(Model(s_text.Replace("conv2d(stem)", "convd(stem)", StringComparison.Ordinal))), "SUBP0103");
        var line = s_text.Split('\n')[Line("node body") - 1];
        AssertPlace(finding, SubpFile, Line("node body"), line.IndexOf("conv2d", StringComparison.Ordinal) + 1);
        Assert.Contains("Did you mean 'conv2d'?", finding.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.DoesNotContain(SubpFile, finding.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_cannot_be_compiled_is_an_error_at_the_layer()
    {
        var builder = new GraphBuilder("odd");
        var image = builder.Input("image", new TensorShape(1, 4, 5, 5));
        builder.Output(
            builder.Conv2d(
                "conv",
                image,
                9,
                Window.Square(1),
                pattern: new BlockPattern(
                    3,
                    4,
                    [
                        [0],
                        [1],
                        [2],
                    ]
                )
            )
        );
        var text = SubpPrinter.Print(builder.Build());
        AssertPlace(
            Only(Refused(Model(text)), "SUBP0602"),
            SubpFile,
            Array.FindIndex(text.Split('\n'), line => line.StartsWith("node conv", StringComparison.Ordinal)) + 1,
            1
        );
    }

    [Fact]
    public void A_layer_without_a_sparse_kernel_is_told_as_information_at_its_node()
    {
        var result = new Project([Model(s_text)]).Run();
        Assert.NotEmpty(result.GeneratedSources);
        Assert.All(result.Diagnostics, finding => Assert.Equal(("SUBP0621", DiagnosticSeverity.Info), (finding.Id, finding.Severity)));
        var stem = result.Diagnostics.Single(finding =>
            finding.GetMessage(CultureInfo.InvariantCulture).Contains("'stem'", StringComparison.Ordinal)
        );
        AssertPlace(stem, SubpFile, Line("node stem"), 1);
    }

    private static (string Name, string Value)[] Names => [("Item", "models/tiny.subp"), ("Namespace", "Demo"), ("ClassName", "Tiny")];

    private static ModelFile Model(string text, params (string, string)[] more) => new(SubpFile, text, [.. Names, .. more]);

    private static int Line(string start) =>
        Array.FindIndex(s_text.Split('\n'), line => line.StartsWith(start, StringComparison.Ordinal)) + 1;

    private static GeneratorRunResult Refused(ModelFile file) => Refused(new Project([file]));

    private static GeneratorRunResult Refused(Project project)
    {
        var result = project.Run();
        Assert.Empty(result.GeneratedSources);
        Assert.Null(result.Exception);
        Assert.Empty(project.CompilerFindings());
        return result;
    }

    private static Diagnostic Only(GeneratorRunResult result, string id)
    {
        var finding = Assert.Single(result.Diagnostics, diagnostic => diagnostic.Severity != DiagnosticSeverity.Info);
        Assert.Equal(id, finding.Id);
        Assert.Equal(DiagnosticSeverity.Error, finding.Severity);
        return finding;
    }

    private static void AssertPlace(Diagnostic finding, string path, int line, int column)
    {
        var place = finding.Location.GetLineSpan();
        Assert.Equal((path, line, column), (place.Path, place.StartLinePosition.Line + 1, place.StartLinePosition.Character + 1));
    }
}

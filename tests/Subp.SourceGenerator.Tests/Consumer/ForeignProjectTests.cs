using System.Globalization;
using Subp.Core.Interpretation;
using Subp.SourceGenerator.Tests.Models;
using Xunit;

namespace Subp.SourceGenerator.Tests.Consumer;

/// <summary>Real builds of projects that ask for everything a project can ask for; each takes a minute or so.</summary>
[Trait("Category", "Slow")]
public sealed class ForeignProjectTests
{
    private const string Strict = """
        <TargetFramework></TargetFramework>
        <TargetFrameworks>net9.0;net10.0</TargetFrameworks>
        <RootNamespace>Größe.class.3D-App</RootNamespace>
        <Nullable>enable</Nullable>
        <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
        <AnalysisMode>All</AnalysisMode>
        <AnalysisLevel>latest-all</AnalysisLevel>
        <GenerateDocumentationFile>true</GenerateDocumentationFile>
        <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
        <UseAppHost>false</UseAppHost>
        <NoWarn>$(NoWarn);CA1303</NoWarn>
        """;

    private const string Program = """
        using System;
        using System.Globalization;
        using System.Linq;
        using Größe.@class._3D_App;

        float[] input = [.. Enumerable.Range(0, 64).Select(index => ((index % 7) - 3) / 4f)];
        using var first = 模型.Instance.CreateSession(1);
        using var second = ItS.Instance.CreateSession(2);
        using var third = Late.Instance.CreateSession(1);
        using var fourth = Above.Instance.CreateSession(1);
        Print(first.Run);
        Print(second.Run);
        Print(third.Run);
        Print(fourth.Run);

        void Print(Run run)
        {
            var output = new float[3];
            run(input, output);
            Console.WriteLine(string.Join(" ", output.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
        }

        internal delegate void Run(ReadOnlySpan<float> input, Span<float> output);
        """;

    [Fact]
    public void A_strict_project_of_two_frameworks_with_names_of_all_kinds_builds_without_a_warning_and_runs()
    {
        using var project = new ConsumerProject(
            """
            <SubpModel Include="50%25 done/模型.subp" Threads="1" />
            <SubpModel Include="it's.subp" Threads="1;2" Weights="file" />
            """,
            Program,
            Strict,
            "Ünïcode and blanks"
        );
        project.Write(
            "Directory.Build.targets",
            """
            <Project>
              <ItemGroup><SubpModel Include="above.subp" /></ItemGroup>
              <Target Name="AddLate" BeforeTargets="BeforeBuild">
                <ItemGroup><SubpModel Include="late.subp" Isa="avx2" /></ItemGroup>
              </Target>
            </Project>
            """
        );
        var seed = 0;
        foreach (var name in new[] { "50% done/模型", "it's", "late", "above" })
        {
            var bundle = TinyNetwork.Bundle(++seed);
            project.Write(name + ".subp", bundle.SubpText);
            project.Write(name + ".safetensors", bundle.Safetensors);
        }

        var (exit, text) = project.BuildAll();
        Assert.True(exit == 0 && !text.Contains("warning", StringComparison.Ordinal), text);
        var run = project.RunFor("net10.0");
        Assert.True(run.ExitCode == 0, run.Text);
        var lines = run.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(4, lines.Length);
        for (var line = 0; line < lines.Length; line++)
            AssertAnswer(line + 1, lines[line]);
    }

    [Theory]
    [InlineData("fsproj", "F#")]
    [InlineData("vbproj", "VB")]
    public void A_project_of_another_language_is_told_so_once(string extension, string language)
    {
        using var project = new ConsumerProject(
            "<SubpModel Include=\"tiny.subp\" />",
            "",
            "<OutputType>Library</OutputType><DisableImplicitFSharpCoreReference>true</DisableImplicitFSharpCoreReference>"
        );
        File.Move(Path.Combine(project.Folder, "consumer-app.csproj"), Path.Combine(project.Folder, "consumer-app." + extension));
        var (exit, text) = project.BuildAll();
        Assert.NotEqual(0, exit);
        var errors = text.Split('\n').Where(line => line.Contains(": error ", StringComparison.Ordinal)).Distinct().ToArray();
        Assert.Contains("error SUBP1020", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains($"found SubpModel items in a project of language '{language}', expected C#", text, StringComparison.Ordinal);
    }

    private static void AssertAnswer(int seed, string line)
    {
        var found = line.Split(' ').Select(word => float.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var input = Enumerable.Range(0, 64).Select(index => ((index % 7) - 3) / 4f).ToArray();
        var expected = new float[3];
        new ReferenceInterpreter(TinyNetwork.Model(seed)).Run(input, expected);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * expected.Max(Math.Abs)));
    }
}

using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.SourceGenerator.Tests.Driving;
using Subp.SourceGenerator.Tests.Models;
using Xunit;

namespace Subp.SourceGenerator.Tests;

public sealed class GenerationTests
{
    private static readonly string s_text = TinyNetwork.Bundle().SubpText;

    [Theory]
    [InlineData("en-US", "", "", "", "")]
    [InlineData("tr-TR", "", "", "", "")]
    [InlineData("tr-TR", "avx2", "2,1", "full", "file")]
    [InlineData("en-US", "AVX512,Portable", "1", "never", "Embedded")]
    [InlineData("tr-TR", "portable", "3", "taps", "file")]
    public void Generated_files_are_the_bytes_that_the_library_emits(
        string culture,
        string isa,
        string threads,
        string unroll,
        string weights
    )
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            var generated = new Project([
                new ModelFile(
                    "/app/tiny.subp",
                    s_text,
                    ("Namespace", "Demo.Models"),
                    ("ClassName", "Tiny"),
                    ("Isa", isa),
                    ("Threads", threads),
                    ("Unroll", unroll),
                    ("Weights", weights)
                ),
            ])
                .Run()
                .GeneratedSources;
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            var expected = Emit(isa, threads, unroll, weights);
            Assert.Equal(expected.Select(file => "Demo.Models." + file.Name), generated.Select(file => file.HintName));
            Assert.All(
                expected.Zip(generated),
                pair => Assert.Equal(Encoding.UTF8.GetBytes(pair.First.Text), Bytes(pair.Second.SourceText))
            );
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_machine_may_be_a_file_of_the_project()
    {
        var cycles = MachineDescription.Standard.Cycles.ToDictionary(
            entry => entry.Key,
            entry => entry.Key.StartsWith("winograd", StringComparison.Ordinal) ? entry.Value / 1000 : entry.Value
        );
        var machine = MachineDescription.Standard with { Name = "quick-domain", Cycles = cycles };
        var model = new ModelFile("/app/tiny.subp", s_text, ("Namespace", "Demo.Models"), ("ClassName", "Tiny"), ("Machine", "mine.json"));
        ModelFile Described(MachineDescription described) =>
            new("/app/mine.json", MachineFile.Print(described), ("Item", "mine.json")) { Role = "SubpMachineFile" };
        var project = new Project([model, Described(machine)]);
        var plan = ModelPlanner.Plan(
            Subp.Core.Text.SubpParser.Parse(s_text, "tiny.subp").Graph,
            new CompileOptions
            {
                Namespace = "Demo.Models",
                ClassName = "Tiny",
                Machine = machine,
            }
        );
        Assert.Equal(
            ModelEmitter.Emit(plan).Select(file => file.Text),
            project.Run().GeneratedSources.Select(file => file.SourceText.ToString())
        );

        // Another description under the same path is seen.
        var renamed = project.Replace(Described(machine with { Name = "renamed" })).Run().GeneratedSources;
        Assert.Contains("--machine renamed", renamed[0].SourceText.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NullableContextOptions.Enable)]
    [InlineData(NullableContextOptions.Disable)]
    public void Generated_code_compiles_without_a_warning(NullableContextOptions nullable)
    {
        var project = new Project(
            [
                new ModelFile("/app/tiny.subp", s_text, ("Namespace", "Demo"), ("ClassName", "Tiny")),
                new ModelFile(
                    "/app/other.subp",
                    s_text,
                    ("Namespace", "Demo.Other"),
                    ("ClassName", "Tiny"),
                    ("Weights", "file"),
                    ("Unroll", "full")
                ),
            ],
            "class Program { static Demo.Tiny Model => Demo.Tiny.Instance; static object Other => Demo.Other.Tiny.Instance; }",
            nullable: nullable
        );
        Assert.Empty(project.Run().Diagnostics.Where(finding => finding.Severity != DiagnosticSeverity.Info));
        Assert.Empty(project.CompilerFindings());
    }

    [Fact]
    public void Without_metadata_the_names_are_those_of_the_library()
    {
        var generated = new Project([new ModelFile("/app/x.subp", s_text)]).Run().GeneratedSources;
        Assert.Equal("SubpModels.Tiny.cs", generated[0].HintName);
    }

    [Theory]
    [InlineData("/app/模型.subp", "Größe.class", "Größe.class.模型.cs", "namespace Größe.@class;")]
    [InlineData("/app/it's.subp", "3D-App", "_3D_App.ItS.cs", "namespace _3D_App;")]
    [InlineData("/app/math.subp", "App.System", "App.System.Math.cs", "namespace App.System;")]
    public void Names_come_from_the_file_and_the_root_namespace_of_the_project(string path, string root, string hint, string declaration)
    {
        var project = new Project([new ModelFile(path, s_text, ("RootNamespace", root), ("WeightsName", "the weights"))]);
        var generated = project.Run().GeneratedSources;
        Assert.Equal(hint, generated[0].HintName);
        Assert.All(generated, file => Assert.Contains(declaration, file.SourceText.ToString(), StringComparison.Ordinal));
        Assert.Contains(generated, file => file.SourceText.ToString().Contains("\"the weights.safetensors\"", StringComparison.Ordinal));
        Assert.Empty(project.CompilerFindings());
    }

    [Fact]
    public void Plan_hints_of_the_text_choose_kernels_and_bad_ones_are_reported()
    {
        var node = TinyNetwork.Model().Graph.Nodes.First(candidate => candidate.Operator is Subp.Core.Operators.Conv2d).Name;
        Assert.DoesNotContain("_t2x1_", All(s_text), StringComparison.Ordinal);
        Assert.Contains("_t2x1_", All(s_text + $"hint {node} tile.avx512=1x2\n"), StringComparison.Ordinal);
        var refused = new Project([new ModelFile("/app/tiny.subp", s_text + $"hint {node} tile.avx512=1x60\n")]).Run();
        Assert.Equal("SUBP0605", Assert.Single(refused.Diagnostics).Id);

        static string All(string text) =>
            string.Concat(
                new Project([new ModelFile("/app/tiny.subp", text)]).Run().GeneratedSources.Select(file => file.SourceText.ToString())
            );
    }

    [Fact]
    public void A_property_turns_generation_off()
    {
        var result = new Project(
            [new ModelFile("/app/tiny.subp", s_text)],
            allowUnsafe: false,
            properties: ("SubpGenerateModels", "false")
        ).Run();
        Assert.Empty(result.GeneratedSources);
        Assert.Empty(result.Diagnostics);
    }

    [Fact]
    public void A_partial_class_of_the_user_may_extend_the_model()
    {
        var project = new Project(
            [new ModelFile("/app/tiny.subp", s_text, ("Namespace", "Demo"), ("ClassName", "Tiny"))],
            "namespace Demo { partial class Tiny { internal int Answer => 42; } }"
        );
        Assert.NotEmpty(project.Run().GeneratedSources);
        Assert.Empty(project.CompilerFindings());
    }

    [Fact]
    public void Cancellation_ends_a_run()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => new Project([new ModelFile("/app/tiny.subp", s_text)]).Run(cancelled.Token));
    }

    [Fact]
    public void A_network_of_the_size_of_ResNet50_is_an_amount_of_code_that_an_editor_can_hold()
    {
        const int Limit = 5_000_000;
        var generated = new Project([new ModelFile("/app/resnet50.subp", Subp.Core.Text.SubpPrinter.Print(ResNet50.Build()))])
            .Run()
            .GeneratedSources;
        Assert.InRange(generated.Sum(file => file.SourceText.Length), 1, Limit);
    }

    private static IReadOnlyList<EmittedFile> Emit(string isa, string threads, string unroll, string weights)
    {
        var options = new CompileOptions { Namespace = "Demo.Models", ClassName = "Tiny" };
        if (isa.Length > 0)
            options = options with
            {
                InstructionSets = [.. isa.Split(',').Select(word => Enum.Parse<InstructionSet>(word, ignoreCase: true))],
            };
        if (threads.Length > 0)
            options = options with { ThreadCounts = [.. threads.Split(',').Select(word => int.Parse(word, CultureInfo.InvariantCulture))] };
        if (unroll.Length > 0)
            options = options with { Unroll = Enum.Parse<UnrollMode>(unroll, ignoreCase: true) };
        if (weights.Length > 0)
            options = options with { Weights = Enum.Parse<WeightsLocation>(weights, ignoreCase: true) };
        return ModelEmitter.Emit(ModelPlanner.Plan(Subp.Core.Text.SubpParser.Parse(s_text, "tiny.subp").Graph, options));
    }

    // As the compiler writes them to disk: the encoding of the text with its byte order mark, if it has one.
    private static byte[] Bytes(Microsoft.CodeAnalysis.Text.SourceText text) =>
        [.. text.Encoding!.GetPreamble(), .. text.Encoding.GetBytes(text.ToString())];
}

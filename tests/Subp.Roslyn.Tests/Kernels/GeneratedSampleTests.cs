using System.Runtime.CompilerServices;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>The committed sample of emitted code is what this compiler emits, and compiles as it is.</summary>
public sealed class GeneratedSampleTests
{
    private const string Name = "generated-samples/tiny-resnet";

    // The options of the command in the sample's README.
    private static readonly CompileOptions s_options = new()
    {
        Namespace = "Samples",
        ClassName = "TinyResnet",
        InstructionSets = [InstructionSet.Avx512],
        ThreadCounts = [1, 2],
        Unroll = UnrollMode.Full,
    };

    [Fact]
    public void The_network_is_packed_and_canonical()
    {
        var model = Read();
        Assert.Same(model, PassPipeline.Pack(model));
        var bundle = ModelBundle.Write(model);
        Assert.Equal(File.ReadAllText(FileOf("tiny.subp")), bundle.SubpText);
        Assert.Equal(File.ReadAllBytes(FileOf("tiny.safetensors")), bundle.Safetensors);
    }

    [Fact]
    public void The_emitted_files_are_those_of_this_compiler()
    {
        var expected = Emit().ToDictionary(file => file.Name, file => file.Text);
        Assert.Equal(
            expected.Keys.Order(StringComparer.Ordinal),
            Directory.GetFiles(FileOf("emitted")).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)
        );
        Assert.All(
            expected,
            file =>
                Assert.True(
                    file.Value == File.ReadAllText(Path.Combine(FileOf("emitted"), file.Key)),
                    $"{Name}/emitted/{file.Key} is out of date; run the command in {Name}/README.md."
                )
        );
    }

    [Fact]
    public void They_compile_without_a_warning() =>
        Assert.Empty(
            ModelAssemblyCompiler.Warnings(Emit(), s_options.ClassName!, $"{s_options.Namespace}.{s_options.ClassName}.safetensors")
        );

    // Nullability is not analysed where a user compiles them, which would take a sixth of the time. That it would find nothing is shown
    // here.
    [Fact]
    public void Their_annotations_of_what_may_be_null_hold()
    {
        const string Declared = "#nullable enable annotations\n",
            Analysed = "#nullable enable\n";
        var files = Emit();
        Assert.All(files, file => Assert.Contains(Declared, file.Text, StringComparison.Ordinal));
        Assert.Empty(
            ModelAssemblyCompiler.Warnings(
                [.. files.Select(file => new EmittedFile(file.Name, file.Text.Replace(Declared, Analysed, StringComparison.Ordinal)))],
                s_options.ClassName!,
                $"{s_options.Namespace}.{s_options.ClassName}.safetensors"
            )
        );
    }

    [Fact]
    public void The_sample_stays_small_enough_to_read() =>
        Assert.InRange(Directory.GetFiles(FileOf("emitted")).Sum(file => File.ReadLines(file).Count()), 1_000, 4_000);

    private static IReadOnlyList<EmittedFile> Emit() => ModelEmitter.Emit(ModelPlanner.Plan(Read().Graph, s_options));

    private static Model Read() =>
        ModelBundle
            .Read(File.ReadAllText(FileOf("tiny.subp")), "tiny.subp", File.ReadAllBytes(FileOf("tiny.safetensors")), "tiny.safetensors")
            .Model;

    private static string FileOf(string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", Name, name));
}

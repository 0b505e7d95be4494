using Subp.Benchmarks.Peers;
using Subp.Benchmarks.Peers.Networks;
using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.Models;
using Subp.Training.Pruning;

namespace Subp.Benchmarks.Neighbours;

/// <summary>A network whose sessions are measured beside a busy process.</summary>
/// <param name="Title">What the table calls it.</param>
/// <param name="RunsPerTurn">How many runs one turn of a session has.</param>
/// <param name="Compile">Compiles it.</param>
internal sealed record NeighbourCase(string Title, int RunsPerTurn, Func<LoadedModel> Compile)
{
    private const int LargeRunsPerTurn = 20,
        SmallRunsPerTurn = 2000;

    /// <summary>The bundled network of a few microseconds a layer, and a pruned ResNet-18 with weights from a seed.</summary>
    public static IReadOnlyList<NeighbourCase> Bundled { get; } =
    [
        new(
            "fashion-resnet8, 75 %",
            SmallRunsPerTurn,
            static () => Load(BundleFile.Read(Path.Combine(RepositoryFolder.Find(), "generated-samples", "models", "fashion.subp")))
        ),
        new(
            "resnet18, 75 %",
            LargeRunsPerTurn,
            static () =>
                Load(SeededNetwork.Build(new NetworkCase("", "resnet18", new PruneOptions { Sparsity = 0.75, Shortcuts = false }, Goal: 0)))
        ),
    ];

    /// <summary>A network that was compiled before, so that the work of two compilers can be compared.</summary>
    public static NeighbourCase Compiled(string path) =>
        new(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!, SmallRunsPerTurn, () => LoadedModel.Load(path));

    private static LoadedModel Load(Model model) =>
        LoadedModel.Load(
            CompiledNetwork
                .Compile(model, new CompileOptions { ThreadCounts = [1, 2], InstructionSets = [NetworkFiles.BestInstructionSet] })
                .Assembly
        );
}

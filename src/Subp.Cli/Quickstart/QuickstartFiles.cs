using Subp.Compiler.Planning;
using Subp.Tooling.Compilation;

namespace Subp.Cli.Quickstart;

/// <summary>Names in the folder of a quickstart, and what goes into its JSON file.</summary>
internal static class QuickstartFiles
{
    /// <summary>The page; a folder with this file is one that --force may replace.</summary>
    public const string Report = "report.html";

    /// <summary>The figures of the page.</summary>
    public const string Json = "report.json";

    /// <summary>The emitted file of a layer for the first of the instruction sets, relative to the report, or null.</summary>
    public static string? SourceOf(LayerPlan layer, CompiledNetwork network, string label)
    {
        var source = network.Sources.FirstOrDefault(file => file.Name.Contains($".{layer.MethodStem}.", StringComparison.Ordinal));
        return source is null ? null : $"{label}/{AssemblyFiles.SourceFolder(network.Plan.ClassName + ".dll")}/{source.Name}";
    }

    /// <summary>The result as the JSON object shows it: figures by name, no rounds.</summary>
    public static object Figures(QuickstartResult result) =>
        new
        {
            result.Network,
            result.TrainingImages,
            result.TestImages,
            result.Epochs,
            result.BlockLength,
            result.Sparsity,
            result.Machine,
            result.Seconds,
            result.Tolerance,
            speedups = result.ThreadCounts.Select(threads => new { threads, speedup = result.Speedup(threads) }),
            networks = new[] { result.Dense, result.Sparse }.Select(network => new
            {
                network.Label,
                network.ClassName,
                network.TestAccuracy,
                network.KeptWeights,
                network.DenseWeights,
                network.KeptMacs,
                network.DenseMacs,
                network.AssemblyBytes,
                trainingShareOfPeak = network.TrainingShareOfPeak is var (forward, backward) ? new { forward, backward } : null,
                history = network.History.Select(epoch => new
                {
                    epoch.Epoch,
                    epoch.TrainLoss,
                    epoch.TrainAccuracy,
                    epoch.TestLoss,
                    epoch.TestAccuracy,
                    epoch.Sparsity,
                    epoch.Seconds,
                }),
                layers = network.Layers.Select(layer => new
                {
                    layer.Name,
                    layer.DenseMacs,
                    layer.KeptMacs,
                    layer.Pattern,
                    layer.Kernel,
                    layer.Reason,
                }),
                verification = network.Verdicts,
                timings = network.Timings.Select(timing => new
                {
                    timing.Threads,
                    timing.Microseconds,
                    timing.Layers,
                }),
            }),
        };
}

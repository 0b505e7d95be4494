using Subp.Tooling.Benchmarking;
using Subp.Tooling.Inspection;
using Subp.Tooling.Verification;
using Subp.Training.Runs;

namespace Subp.Cli.Quickstart;

/// <summary>Everything a quickstart found: what the table, the JSON object and the report are made of.</summary>
/// <param name="Network">The name of the network.</param>
/// <param name="TrainingImages">Images trained on.</param>
/// <param name="TestImages">Images tested and verified on.</param>
/// <param name="Epochs">Epochs of each training.</param>
/// <param name="BlockLength">N.</param>
/// <param name="Sparsity">The share of pruned blocks.</param>
/// <param name="Machine">Runtime, processors and instruction set, for readers of the figures.</param>
/// <param name="Tolerance">The tolerance of the verification.</param>
/// <param name="ThreadCounts">The thread counts that were timed.</param>
/// <param name="Seconds">How long everything took.</param>
/// <param name="Dense">The dense network.</param>
/// <param name="Sparse">The block-sparse network.</param>
internal sealed record QuickstartResult(
    string Network,
    int TrainingImages,
    int TestImages,
    int Epochs,
    int BlockLength,
    double Sparsity,
    string Machine,
    double Tolerance,
    IReadOnlyList<int> ThreadCounts,
    double Seconds,
    NetworkResult Dense,
    NetworkResult Sparse
)
{
    /// <summary>How often faster the sparse network is, by the medians of interleaved rounds.</summary>
    public double Speedup(int threads) => Sparse.Time(threads).SpeedupOver(Dense.Time(threads));
}

/// <summary>One of the two networks.</summary>
/// <param name="Label">dense or sparse; also the name of its folder.</param>
/// <param name="ClassName">The emitted class.</param>
/// <param name="History">One entry per epoch.</param>
/// <param name="TrainingShareOfPeak">The share of the FMA peak the convolutions reached in training, forward and backward; null where
/// unknown.</param>
/// <param name="TestAccuracy">The share of test images in their class, by the compiled code.</param>
/// <param name="KeptWeights">Weights of kept blocks.</param>
/// <param name="DenseWeights">Weights of the dense shapes.</param>
/// <param name="KeptMacs">Multiply-accumulates of kept blocks, per image.</param>
/// <param name="DenseMacs">Multiply-accumulates as if dense, per image.</param>
/// <param name="AssemblyBytes">The size of the DLL, weights included.</param>
/// <param name="Layers">The layers.</param>
/// <param name="SourceFiles">Per layer, the emitted file that computes it, relative to the report; null where there is none.</param>
/// <param name="Verdicts">The verification.</param>
/// <param name="Timings">One entry per thread count.</param>
internal sealed record NetworkResult(
    string Label,
    string ClassName,
    IReadOnlyList<EpochSummary> History,
    (double Forward, double Backward)? TrainingShareOfPeak,
    double TestAccuracy,
    long KeptWeights,
    long DenseWeights,
    long KeptMacs,
    long DenseMacs,
    long AssemblyBytes,
    IReadOnlyList<LayerRow> Layers,
    IReadOnlyList<string?> SourceFiles,
    IReadOnlyList<SessionVerdict> Verdicts,
    IReadOnlyList<ModelTiming> Timings
)
{
    /// <summary>The times with a thread count.</summary>
    public ModelTiming Time(int threads) => Timings.First(timing => timing.Threads == threads);

    /// <summary>The time of a layer with a thread count, or null where the network has no such layer.</summary>
    public double? LayerMicroseconds(string layer, int threads) =>
        Time(threads).Layers.FirstOrDefault(timing => timing.Name == layer)?.Microseconds.Median;
}

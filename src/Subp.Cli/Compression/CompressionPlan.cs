using Subp.Compression.Blocks;
using Subp.Compression.Channels;
using Subp.Compression.Precision;
using Subp.Core.Weights;
using Subp.Training.Pruning;

namespace Subp.Cli.Compression;

/// <summary>What a finished network loses: channels, then blocks, then bits.</summary>
/// <param name="Channels">Which channels go; null for none.</param>
/// <param name="Blocks">Which layers lose how many blocks.</param>
/// <param name="Restoration">What is done about blocks.</param>
/// <param name="Bits">The bits of every layer of the network that is left by then, or null.</param>
/// <param name="Compensation">What is done about rounding.</param>
/// <param name="Calibration">Inputs to measure statistics on, or null.</param>
internal sealed record CompressionPlan(
    ChannelOptions? Channels,
    PruneOptions Blocks,
    BlockRestoration Restoration,
    Func<Model, IReadOnlyDictionary<string, int>>? Bits,
    PrecisionCompensation Compensation,
    IReadOnlyList<float[]>? Calibration
)
{
    /// <summary>Passes over <see cref="Calibration"/> in which what is left, before bits, learns the answers of the original.</summary>
    public int Distillation { get; init; }
}

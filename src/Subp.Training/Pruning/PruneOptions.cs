using Subp.Training.Sparsification;

namespace Subp.Training.Pruning;

/// <summary>The rate of the layers that a pattern names.</summary>
/// <param name="Pattern">Names of layers, with * for any text.</param>
/// <param name="Sparsity">The share of pruned blocks, 0 to below 1; 0 leaves a layer dense.</param>
public sealed record LayerRate(string Pattern, double Sparsity);

/// <summary>What one-shot pruning prunes, and how far. docs/recipes.md explains the defaults.</summary>
public sealed record PruneOptions
{
    /// <summary>N, the output channels of a block. Layers whose output channels are no multiple of it stay dense.</summary>
    public int BlockLength { get; init; } = 16;

    /// <summary>The share p of pruned blocks; every group of a layer with C input channels loses trunc(p C) of them.</summary>
    public double Sparsity { get; init; } = 0.75;

    /// <summary>Whether filters are put in the order of their L1 norm first.</summary>
    public bool Rearrange { get; init; }

    /// <summary>How the importance of a block is measured. L1 is the usual measure for weights that are not trained afterwards.</summary>
    public ImportanceCriterion Criterion { get; init; } = ImportanceCriterion.L1;

    /// <summary>Layers with fewer input channels stay dense, unless they are included by name.</summary>
    public int MinimumInputChannels { get; init; } = 16;

    /// <summary>Whether linear layers are pruned too; the classifier is not, unless it is included by name.</summary>
    public bool Linear { get; init; }

    /// <summary>Whether the 1x1 convolutions on the shortcuts of residual blocks are pruned too.</summary>
    public bool Shortcuts { get; init; } = true;

    /// <summary>Names or patterns with * of layers to prune; empty for the default selection.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Names or patterns with * of layers to keep dense.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>
    /// Rates of single layers in place of <see cref="Sparsity"/>; the last pattern that names a layer wins. They select nothing by
    /// themselves.
    /// </summary>
    public IReadOnlyList<LayerRate> LayerRates { get; init; } = [];

    /// <summary>The rate of a layer.</summary>
    public double RateOf(string layer) => LayerRates.LastOrDefault(rate => LayerNames.Matches(rate.Pattern, layer))?.Sparsity ?? Sparsity;
}

using Subp.Training.Sparsification;

namespace Subp.Training.Pruning;

/// <summary>What happens to one convolution or linear layer.</summary>
/// <param name="Node">The name of the layer.</param>
/// <param name="Weight">The name of its weight.</param>
/// <param name="Grid">The blocks of the weight, or null for a layer that stays as it is.</param>
/// <param name="Counts">How many blocks of every group are pruned and kept; meaningless without a grid.</param>
/// <param name="DenseReason">Why the layer stays as it is, as a clause such as <c>it is the classifier</c>; null where it is
/// pruned.</param>
public sealed record LayerDecision(string Node, string Weight, BlockGrid? Grid, BlockCounts Counts, string? DenseReason)
{
    /// <summary>A layer that stays as it is.</summary>
    internal static LayerDecision Dense(string node, string weight, string reason) => new(node, weight, null, default, reason);
}

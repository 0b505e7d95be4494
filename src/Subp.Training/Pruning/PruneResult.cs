using Subp.Core.Weights;

namespace Subp.Training.Pruning;

/// <summary>A pruned network and what was decided about each of its layers.</summary>
/// <param name="Model">The network: zeros in every pruned block, and the pattern on its weights.</param>
/// <param name="Layers">All convolutions and linear layers, in graph order.</param>
public sealed record PruneResult(Model Model, IReadOnlyList<LayerDecision> Layers)
{
    /// <summary>The layers that were pruned.</summary>
    public IEnumerable<LayerDecision> Pruned => Layers.Where(layer => layer.DenseReason is null);
}

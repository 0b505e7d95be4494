using Subp.Core.Graphs;

namespace Subp.Training.Sparsification.Methods;

/// <summary>
/// Dynamic pruning with feedback (Lin et al., ICLR 2020) on 1xN blocks: every few steps the blocks of least L1 norm of the dense stored
/// weights are pruned, at the rate of the schedule; the gradient at the pruned network moves all stored weights, so that a block that was
/// pruned too early comes back by itself.
/// </summary>
/// <param name="Choice">The layers.</param>
/// <param name="Sparsity">The target rate.</param>
/// <param name="Schedule">The way to it.</param>
public sealed record DynamicPruning(LayerChoice Choice, double Sparsity, SparsitySchedule Schedule) : IPruningMethod
{
    /// <summary>The steps from one update to the next, as published.</summary>
    public const int Period = 16;

    /// <inheritdoc/>
    public PrunedForm Form => PrunedForm.Blocks;

    /// <inheritdoc/>
    public double SparseRefinement => 0;

    /// <inheritdoc/>
    public IReadOnlyList<MaskedLayer> Select(Graph graph) => Choice.Select(graph);

    /// <inheritdoc/>
    public bool IsDue(int epoch, int step) => step % Period == 0;

    /// <inheritdoc/>
    public IReadOnlyList<BlockMask> Next(MaskRequest request)
    {
        double rate = Schedule.Rate(Sparsity, request.Epoch);
        return [.. request.Layers.Select(layer => BlockRanking.Largest(request.Weights(layer.Parameter), layer.Grid, rate))];
    }
}

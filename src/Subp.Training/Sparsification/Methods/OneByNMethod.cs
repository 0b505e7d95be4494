using Subp.Core.Graphs;
using Subp.Training.Channels;

namespace Subp.Training.Sparsification.Methods;

/// <summary>
/// 1xN pruning (Lin et al., TPAMI 2022): dense up to one epoch, then the blocks of least L1 norm of every layer are pruned at once and what
/// is left is trained on. Groups keep different numbers of blocks.
/// </summary>
/// <param name="Choice">The layers.</param>
/// <param name="Sparsity">The share of blocks of every layer.</param>
/// <param name="PruningEpoch">The epoch at whose start they go; 0 for weights that are trained already.</param>
/// <param name="Rearranges">Whether filters are put in the order of their L1 norm first.</param>
public sealed record OneByNMethod(LayerChoice Choice, double Sparsity, int PruningEpoch, bool Rearranges) : IPruningMethod
{
    /// <inheritdoc/>
    public PrunedForm Form => PrunedForm.Blocks;

    /// <inheritdoc/>
    public double SparseRefinement => 0;

    /// <inheritdoc/>
    public IReadOnlyList<MaskedLayer> Select(Graph graph) => Choice.Select(graph);

    /// <inheritdoc/>
    public bool IsDue(int epoch, int step) => epoch == PruningEpoch && step == 0;

    /// <inheritdoc/>
    public bool AreFinal(int epoch) => epoch >= PruningEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ChannelSelection> Rearrange(MaskRequest request) =>
        Rearranges ? FilterRearrangement.Orders(request.Graph, request.Layers.Select(layer => layer.Parameter), request.Weights) : [];

    /// <inheritdoc/>
    public IReadOnlyList<BlockMask> Next(MaskRequest request) =>
        [.. request.Layers.Select(layer => BlockRanking.Largest(request.Weights(layer.Parameter), layer.Grid, Sparsity))];
}

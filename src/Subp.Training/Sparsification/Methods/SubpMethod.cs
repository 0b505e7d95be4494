using Subp.Core.Graphs;

namespace Subp.Training.Sparsification.Methods;

/// <summary>Soft uniform block pruning (Xiang et al., NeurIPS 2023): one update of every mask at the start of every epoch.</summary>
/// <param name="Choice">The layers.</param>
/// <param name="Sparsity">The target rate.</param>
/// <param name="Schedule">The way to it.</param>
/// <param name="Options">Criterion, variant and constants.</param>
/// <param name="Regrowth">Whether pruned blocks can come back; without it, the schedule acts through the number that is pruned.</param>
/// <param name="SparseRefinement">Lambda of SR-STE.</param>
public sealed record SubpMethod(
    LayerChoice Choice,
    double Sparsity,
    SparsitySchedule Schedule,
    SubpOptions Options,
    bool Regrowth,
    double SparseRefinement
) : IPruningMethod
{
    /// <inheritdoc/>
    public PrunedForm Form => PrunedForm.Blocks;

    /// <inheritdoc/>
    public IReadOnlyList<MaskedLayer> Select(Graph graph) => Choice.Select(graph);

    /// <inheritdoc/>
    public bool IsDue(int epoch, int step) => step == 0;

    /// <inheritdoc/>
    /// <remarks>
    /// Under V2 a pruned block scores below all others and comes back by sampling alone, which ends with the schedule. Under V1 the stored
    /// weights of pruned blocks go on to compete.
    /// </remarks>
    public bool AreFinal(int epoch) => Options.Variant == SubpVariant.V2 && epoch >= Schedule.End;

    /// <inheritdoc/>
    public IReadOnlyList<BlockMask> Next(MaskRequest request)
    {
        double rate = Schedule.Rate(Sparsity, request.Epoch);
        var masks = new BlockMask[request.Layers.Count];
        for (int i = 0; i < masks.Length; i++)
        {
            var (_, parameter, grid) = request.Layers[i];
            var counts = Regrowth ? BlockCounts.For(grid.InputChannels, Sparsity, rate) : BlockCounts.For(grid.InputChannels, rate, rate);
            masks[i] = MaskUpdate.Next(request.Weights(parameter), grid, request.Masks[i], counts, Options, request.Random);
        }

        return masks;
    }
}

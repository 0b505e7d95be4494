using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;

namespace Subp.Training.Sparsification.Methods;

/// <summary>Trains on with the block patterns that a network came with.</summary>
public sealed record FixedMasks : IPruningMethod
{
    /// <inheritdoc/>
    public PrunedForm Form => PrunedForm.Blocks;

    /// <inheritdoc/>
    public double SparseRefinement => 0;

    /// <inheritdoc/>
    /// <exception cref="SubpException">SUBP0509: the network has no pattern.</exception>
    public IReadOnlyList<MaskedLayer> Select(Graph graph)
    {
        MaskedLayer[] layers =
        [
            .. from node in graph.Nodes
            from use in node.Operator.Parameters
            let parameter = graph.Parameter(use.Name)
            where parameter.Pattern is not null
            select new MaskedLayer(node.Name, use.Name, Grid(parameter)),
        ];
        return layers.Length > 0
            ? layers
            : throw new SubpException(
                DiagnosticDescriptors.NothingToPrune,
                $"graph '{graph.Name}'",
                "no block pattern on any weight",
                "the patterns of a pruned network",
                "Start from one with --init, or choose another method."
            );
    }

    /// <inheritdoc/>
    public IReadOnlyList<BlockMask> Begin(Graph graph, IReadOnlyList<MaskedLayer> layers) =>
        [.. layers.Select(layer => Mask(graph.Parameter(layer.Parameter).Pattern!))];

    /// <inheritdoc/>
    public bool IsDue(int epoch, int step) => false;

    /// <inheritdoc/>
    public bool AreFinal(int epoch) => true;

    /// <inheritdoc/>
    public IReadOnlyList<BlockMask> Next(MaskRequest request) => request.Masks;

    private static BlockGrid Grid(Parameter parameter) =>
        new(
            parameter.Shape[0],
            parameter.Shape[1],
            parameter.Shape.ElementCount / parameter.Shape[0] / parameter.Shape[1],
            parameter.Pattern!.BlockLength
        );

    private static BlockMask Mask(BlockPattern pattern)
    {
        var kept = new byte[pattern.Groups * pattern.InputChannels];
        for (int group = 0; group < pattern.Groups; group++)
        {
            foreach (int channel in pattern.Kept(group))
                kept[(group * pattern.InputChannels) + channel] = 1;
        }

        return BlockMask.FromBytes(pattern.Groups, pattern.InputChannels, kept);
    }
}

using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Training.Sparsification.Methods;

/// <summary>
/// N:M sparsity with the sparse-refined straight-through estimator (Zhou et al., ICLR 2021): before every step the N largest of M weights
/// with consecutive input channels are kept, for every output channel and tap by itself.
/// </summary>
/// <param name="Choice">The layers; its block length is 1.</param>
/// <param name="Kept">N.</param>
/// <param name="Of">M; divides the input channels of every pruned layer.</param>
/// <param name="SparseRefinement">Lambda.</param>
public sealed record SrSteMethod(LayerChoice Choice, int Kept, int Of, double SparseRefinement) : IPruningMethod
{
    /// <inheritdoc/>
    public PrunedForm Form => PrunedForm.Zeros;

    /// <summary>
    /// The layers, each weight a block of its own: a row of the grid is a filter, its channels are input channels times taps.
    /// </summary>
    /// <exception cref="SubpException">SUBP0585: M does not divide the input channels of a layer; or as
    /// <see cref="LayerSelection.Select"/>.</exception>
    public IReadOnlyList<MaskedLayer> Select(Graph graph)
    {
        var layers = new List<MaskedLayer>();
        foreach (var layer in Choice.Select(graph))
        {
            if (layer.Grid.InputChannels % Of != 0)
            {
                throw new SubpException(
                    DiagnosticDescriptors.WeightGroupDivisibility,
                    $"layer '{layer.Node}'",
                    FormattableString.Invariant($"{layer.Grid.InputChannels} input channels and groups of {Of} weights"),
                    "a multiple",
                    "Choose another M of N:M, or exclude the layer."
                );
            }

            var weights = new BlockGrid(layer.Grid.OutputChannels, layer.Grid.InputChannels * layer.Grid.KernelSize, 1, 1);
            layers.Add(layer with { Grid = weights });
        }

        return layers;
    }

    /// <inheritdoc/>
    public bool IsDue(int epoch, int step) => true;

    /// <inheritdoc/>
    public IReadOnlyList<BlockMask> Next(MaskRequest request) =>
        [
            .. request.Layers.Select(layer =>
                Largest(request.Weights(layer.Parameter), layer.Grid, request.Graph.Parameter(layer.Parameter).Shape)
            ),
        ];

    // Of equal weights the first ones are kept.
    private BlockMask Largest(ReadOnlySpan<float> weights, BlockGrid grid, TensorShape shape)
    {
        int kernel = shape[2] * shape[3];
        var kept = new byte[weights.Length];
        for (int first = 0; first < weights.Length; first += Of * kernel)
        {
            for (int tap = first; tap < first + kernel; tap++)
            {
                for (int count = 0; count < Kept; count++)
                {
                    int best = -1;
                    for (int member = 0; member < Of; member++)
                    {
                        int index = tap + (member * kernel);
                        if (kept[index] == 0 && (best < 0 || MathF.Abs(weights[index]) > MathF.Abs(weights[best])))
                            best = index;
                    }

                    kept[best] = 1;
                }
            }
        }

        return BlockMask.FromBytes(grid.Groups, grid.InputChannels, kept);
    }
}

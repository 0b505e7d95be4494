using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Training.Channels;

namespace Subp.Training.Sparsification.Methods;

/// <summary>
/// Structured pruning of whole filters by their L1 norm (Li et al., ICLR 2017): dense up to one epoch, then the same share of every class
/// of channels goes at once, and what is left is trained on. The network that comes out is a smaller dense one.
/// </summary>
/// <param name="Choice">The layers; a class is pruned where the choice would prune one of the layers that compute it.</param>
/// <param name="Sparsity">The share of channels; of the multiply-accumulates between two pruned classes, (1 - share) squared is
/// left.</param>
/// <param name="PruningEpoch">The epoch at whose start they go.</param>
public sealed record FilterMethod(LayerChoice Choice, double Sparsity, int PruningEpoch) : IPruningMethod
{
    /// <inheritdoc/>
    public PrunedForm Form => PrunedForm.Channels;

    /// <inheritdoc/>
    public double SparseRefinement => 0;

    /// <summary>Every weight that computes or reads a channel of a pruned class, each filter a group of its own.</summary>
    /// <exception cref="SubpException">SUBP0509: no class of channels is free to be pruned.</exception>
    public IReadOnlyList<MaskedLayer> Select(Graph graph)
    {
        var weights = Classes(graph)
            .SelectMany(channels => channels.Carriers)
            .Where(carrier => carrier.Role != CarrierRole.Companion)
            .Select(carrier => carrier.Parameter)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from node in graph.Nodes
            from use in node.Operator.Parameters
            where weights.Contains(use.Name)
            let shape = graph.Parameter(use.Name).Shape
            select new MaskedLayer(node.Name, use.Name, new BlockGrid(shape[0], shape[1], shape.ElementCount / shape[0] / shape[1], 1)),
        ];
    }

    /// <inheritdoc/>
    public bool IsDue(int epoch, int step) => epoch == PruningEpoch && step == 0;

    /// <inheritdoc/>
    public IReadOnlyList<BlockMask> Next(MaskRequest request)
    {
        var kept = request.Layers.Select(layer => (Rows: All(layer.Grid.OutputChannels), Columns: All(layer.Grid.InputChannels))).ToArray();
        var places = request.Layers.Select((layer, index) => (layer.Parameter, index)).ToDictionary(StringComparer.Ordinal);
        foreach (var channels in Classes(request.Graph))
        {
            double[] norms = FilterNorms.Sum(channels.Producers, channels.Channels, request.Weights);
            foreach (int channel in MaskUpdate.AscendingOrder(norms).AsSpan(0, (int)(Sparsity * channels.Channels)))
            {
                foreach (var carrier in channels.Carriers.Where(carrier => carrier.Role != CarrierRole.Companion))
                {
                    var (rows, columns) = kept[places[carrier.Parameter]];
                    if (carrier.Role == CarrierRole.Filter)
                        rows[channel] = false;
                    else
                        columns.AsSpan(channel * carrier.Repeat, carrier.Repeat).Clear();
                }
            }
        }

        return [.. request.Layers.Zip(kept, (layer, lines) => Mask(layer.Grid, lines.Rows, lines.Columns))];
    }

    /// <summary>The channels that are left of every pruned class, in their order.</summary>
    public IReadOnlyList<ChannelSelection> Left(Graph graph, IReadOnlyList<MaskedLayer> layers, IReadOnlyList<BlockMask> masks)
    {
        var places = layers.Select((layer, index) => (layer.Parameter, index)).ToDictionary(StringComparer.Ordinal);
        return
        [
            .. Classes(graph)
                .Select(channels =>
                {
                    var mask = masks[places[channels.Producers.First().Parameter]];
                    return new ChannelSelection(
                        channels,
                        [.. Enumerable.Range(0, channels.Channels).Where(channel => mask.KeptInGroup(channel) > 0)]
                    );
                }),
        ];
    }

    private IReadOnlyList<ChannelClass> Classes(Graph graph)
    {
        var chosen = Choice.Select(graph).Select(layer => layer.Parameter).ToHashSet(StringComparer.Ordinal);
        var classes = ChannelAnalysis
            .Find(graph)
            .Where(channels => channels.Producers.Any(producer => chosen.Contains(producer.Parameter)))
            .ToArray();
        return classes.Length > 0
            ? classes
            : throw new SubpException(
                DiagnosticDescriptors.NothingToPrune,
                $"graph '{graph.Name}'",
                "no channels that can be removed: all are those of inputs or outputs, or are cut, joined or shuffled",
                "a convolution whose outputs only convolutions and linear layers read",
                "Choose another method."
            );
    }

    private static bool[] All(int count)
    {
        var lines = new bool[count];
        Array.Fill(lines, true);
        return lines;
    }

    private static BlockMask Mask(BlockGrid grid, bool[] rows, bool[] columns)
    {
        var kept = new byte[rows.Length * columns.Length];
        for (int index = 0; index < kept.Length; index++)
            kept[index] = rows[index / columns.Length] && columns[index % columns.Length] ? (byte)1 : (byte)0;

        return BlockMask.FromBytes(grid.Groups, grid.InputChannels, kept);
    }
}

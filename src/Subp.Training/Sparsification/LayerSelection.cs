using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Training.Sparsification;

/// <summary>A layer whose weight is masked.</summary>
/// <param name="Node">The name of the convolution.</param>
/// <param name="Parameter">The name of its weight.</param>
/// <param name="Grid">The blocks of the weight.</param>
public sealed record MaskedLayer(string Node, string Parameter, BlockGrid Grid);

/// <summary>
/// Decides which convolutions are pruned. Only ungrouped 1x1 and 3x3 convolutions can be; by default those that read the input
/// of the network (the stem), shortcuts, and layers with few input channels stay dense, as in the publication.
/// </summary>
public static class LayerSelection
{
    /// <summary>Selects the layers of a graph, in graph order.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="blockLength">N.</param>
    /// <param name="minimumInputChannels">Layers with fewer input channels stay dense by default.</param>
    /// <param name="include">Names, with * for any text; if there are any, they replace the default selection.</param>
    /// <param name="exclude">Names, with * for any text, of layers that stay dense.</param>
    /// <exception cref="SubpException">SUBP0206 where the channels of a selected layer are not divisible by N; SUBP0509 where none is
    /// left; SUBP0511 where a name is that of no layer.</exception>
    public static IReadOnlyList<MaskedLayer> Select(
        Graph graph,
        int blockLength,
        int minimumInputChannels,
        IReadOnlyList<string> include,
        IReadOnlyList<string> exclude
    )
    {
        string[] names = [.. graph.Nodes.Where(node => node.Operator is Conv2d or Linear).Select(node => node.Name)];
        LayerNames.RequireKnown("include", include, names);
        LayerNames.RequireKnown("exclude", exclude, names);
        var layers = new List<MaskedLayer>();
        foreach (var node in graph.Nodes)
        {
            if (
                node.Operator is not Conv2d { Groups: 1 } conv
                || conv.Window.Kernel is not ({ Height: 1, Width: 1 } or { Height: 3, Width: 3 })
            )
            {
                continue;
            }

            int inputChannels = graph.ShapeOf(node.Inputs[0]).Channels;
            bool selected =
                include.Count > 0
                    ? LayerNames.Matches(include, node.Name)
                    : inputChannels >= minimumInputChannels && !graph.IsInput(node.Inputs[0]) && !IsShortcut(graph, node, conv);
            if (selected && !LayerNames.Matches(exclude, node.Name))
            {
                BlockPattern.RequireDivisible(node.Name, node.Shape.Channels, blockLength);
                int kernel = conv.Window.Kernel.Height * conv.Window.Kernel.Width;
                layers.Add(new MaskedLayer(node.Name, conv.Weight, new BlockGrid(node.Shape.Channels, inputChannels, kernel, blockLength)));
            }
        }

        if (layers.Count == 0)
        {
            int convolutions = graph.Nodes.Count(node => node.Operator is Conv2d);
            throw new SubpException(
                DiagnosticDescriptors.NothingToPrune,
                $"graph '{graph.Name}'",
                FormattableString.Invariant($"{convolutions} convolutions, none selected"),
                "at least one",
                "Lower minimumInputChannels, or change include and exclude."
            );
        }

        return layers;
    }

    /// <summary>A 1x1 convolution that leaves the main path where another convolution begins, and meets it again in an addition.</summary>
    internal static bool IsShortcut(Graph graph, GraphNode node, Conv2d conv)
    {
        if (conv.Window.Kernel != Extent.One || graph.ConsumersOf(node.Inputs[0]).Count < 2)
            return false;

        var consumers = graph.ConsumersOf(node.Name);
        while (consumers is [{ Operator: BatchNorm } norm])
            consumers = graph.ConsumersOf(norm.Name);

        return consumers is [{ Operator: Add }];
    }
}

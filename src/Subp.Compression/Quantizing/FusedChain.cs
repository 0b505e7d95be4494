using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Quantizing;

/// <summary>
/// The nodes behind a node that may become part of it: they are its only readers. Where another node took one in, the value that the layer
/// makes is that before it: a normalisation behind an activation is folded into the layers that read it, a padding into the window of one.
/// </summary>
internal static class FusedChain
{
    /// <summary>The nodes that became one layer of the fused network, in order; none where packing made the layer.</summary>
    public static IEnumerable<GraphNode> Of(Graph original, Graph fused, GraphNode layer) =>
        original.FindNode(layer.Name) is { } first
            ?
            [
                first,
                .. Behind(original, first, layer is { Operator: Conv2d, Inputs.Count: 2 })
                    .TakeWhile(follower => fused.FindNode(follower.Name) is null),
            ]
            : [];

    /// <summary>The nodes, in order.</summary>
    /// <param name="original">The network with batch normalisations that are not folded.</param>
    /// <param name="first">The node that they may become part of.</param>
    /// <param name="isResidual">
    /// Whether it takes a second operand in the fused network: an addition went into one of its two operands, the one that reads the other
    /// by now.
    /// </param>
    public static IEnumerable<GraphNode> Behind(Graph original, GraphNode first, bool isResidual)
    {
        var (node, takesNormalization) = (first, TakesNormalization(original, first));
        while (!original.IsOutput(node.Name) && original.ConsumersOf(node.Name) is [var reader])
        {
            var isTaken = reader.Operator switch
            {
                BatchNorm => takesNormalization,
                Add => isResidual,
                Activate => true,
                _ => false,
            };
            if (!isTaken)
                yield break;
            takesNormalization &= reader.Operator is BatchNorm norm && norm.Activation == Activation.None;
            node = reader;
            yield return node;
        }
    }

    // What packing folds a normalisation back into: weights of its own, and nothing between the two.
    private static bool TakesNormalization(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Conv2d convolution => convolution.Activation == Activation.None && node.Inputs.Count == 1,
            Linear linear => linear.Activation == Activation.None && node.Shape.IsVector,
            BatchNorm norm => norm.Activation == Activation.None,
            _ => false,
        } && !SharesParameters(graph, node);

    private static bool SharesParameters(Graph graph, GraphNode node)
    {
        var own = node.Operator.Parameters.Select(use => use.Name).ToHashSet(StringComparer.Ordinal);
        return graph.Nodes.Any(other => other.Name != node.Name && other.Operator.Parameters.Any(use => own.Contains(use.Name)));
    }
}

using Subp.Compression.Propagation;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Precision;

/// <summary>
/// The layers whose channels one other layer reads and nothing else does, as UDFC restores them: front to back, so that a layer which made
/// up for the one before it is rounded next, and the one behind it makes up for that.
/// </summary>
internal static class SoleReaders
{
    /// <summary>
    /// The reader of each such layer, by the name of the layer. Normalisation, activation, pooling and the flattening of an image may lie
    /// between, since channels stay channels; layers that share their weights with others are left out.
    /// </summary>
    public static IReadOnlyDictionary<string, GraphNode> Find(Graph graph)
    {
        var readers = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => IsLayer(graph, node) && LayerForm.HasOwnWeights(graph, node)))
        {
            var value = node;
            while (
                !graph.IsOutput(value.Name)
                && graph.ConsumersOf(value.Name) is [{ Operator: BatchNorm or Activate or Pool2d or GlobalAveragePool or Flatten } next]
            )
                value = next;
            if (
                !graph.IsOutput(value.Name)
                && graph.ConsumersOf(value.Name) is [var reader]
                && IsLayer(graph, reader)
                && LayerForm.HasOwnWeights(graph, reader)
            )
                readers[node.Name] = reader;
        }

        return readers;
    }

    private static bool IsLayer(Graph graph, GraphNode node) =>
        node.Operator is Conv2d { Groups: 1 } or Linear && node.Inputs.Count == 1 && LayerForm.Find(graph, node) is not null;
}

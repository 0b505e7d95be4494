using Subp.Compression.Propagation;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Precision;

/// <summary>
/// The pairs of layers that DF-MPC works on: the second alone reads the first, so that the first can have very few bits and the second
/// make up for it.
/// </summary>
public static class PairedPrecision
{
    /// <summary>The bits of every layer: few for the first of each pair, more for all others.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="low">Of the first layers; 2 is ternary.</param>
    /// <param name="high">Of all others.</param>
    public static IReadOnlyDictionary<string, int> Bits(Graph graph, int low, int high)
    {
        var pairs = Find(graph);
        return graph
            .Nodes.Where(node => node.Operator is Conv2d or Linear)
            .ToDictionary(node => node.Name, node => pairs.ContainsKey(node.Name) ? low : high, StringComparer.Ordinal);
    }

    /// <summary>
    /// The first layers of pairs, each with its second. Of a chain that ends in the sum of a residual block all but the last are first
    /// layers, as conv1 and conv2 of a bottleneck; in another chain every other one is. No layer that reads the network's input and no
    /// shared weight is in any.
    /// </summary>
    internal static Dictionary<string, GraphNode> Find(Graph graph)
    {
        var next = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.Operator is Conv2d { Groups: 1 } && node.Inputs.Count == 1))
        {
            if (
                !graph.IsInput(node.Inputs[0])
                && Reader(graph, node) is { Operator: Conv2d { Groups: 1 }, Inputs.Count: 1 } second
                && LayerForm.HasOwnWeights(graph, node)
                && LayerForm.HasOwnWeights(graph, second)
            )
                next[node.Name] = second;
        }

        var pairs = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        var seconds = next.Values.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var start in graph.Nodes.Where(node => next.ContainsKey(node.Name) && !seconds.Contains(node.Name)))
        {
            var chain = new List<GraphNode> { start };
            while (next.TryGetValue(chain[^1].Name, out var following))
                chain.Add(following);
            var isBlock = Reader(graph, chain[^1]) is { Operator: Add };
            for (var index = 0; index + 1 < chain.Count; index += isBlock ? 1 : 2)
                pairs[chain[index].Name] = chain[index + 1];
        }

        return pairs;
    }

    // What alone reads the channels of a layer, behind its normalisation, activation and pool; null where several do.
    private static GraphNode? Reader(Graph graph, GraphNode layer)
    {
        var value = layer;
        while (!graph.IsOutput(value.Name) && graph.ConsumersOf(value.Name) is [{ Operator: BatchNorm or Activate or Pool2d } next])
            value = next;
        return !graph.IsOutput(value.Name) && graph.ConsumersOf(value.Name) is [var reader] ? reader : null;
    }
}

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

    /// <summary>The first layers of pairs, each with its second; no layer is in two pairs, and no shared weight in any.</summary>
    internal static Dictionary<string, GraphNode> Find(Graph graph)
    {
        var pairs = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.Operator is Conv2d { Groups: 1 } && node.Inputs.Count == 1))
        {
            if (taken.Contains(node.Name) || graph.IsInput(node.Inputs[0]))
                continue;
            var value = node;
            while (!graph.IsOutput(value.Name) && graph.ConsumersOf(value.Name) is [{ Operator: BatchNorm or Activate } next])
                value = next;
            if (
                !graph.IsOutput(value.Name)
                && graph.ConsumersOf(value.Name) is [{ Operator: Conv2d { Groups: 1 }, Inputs.Count: 1 } second]
                && LayerForm.HasOwnWeights(graph, node)
                && LayerForm.HasOwnWeights(graph, second)
            )
            {
                pairs[node.Name] = second;
                taken.Add(second.Name);
            }
        }

        return pairs;
    }
}

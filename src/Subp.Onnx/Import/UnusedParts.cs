using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Onnx.Import;

/// <summary>
/// Removes what no output needs: a pattern of several ONNX nodes that becomes one graph node leaves the nodes of its parts behind, with
/// their parameters.
/// </summary>
internal static class UnusedParts
{
    /// <summary>The network without nodes and parameters that no output needs.</summary>
    public static Graph Remove(Graph graph)
    {
        var needed = new HashSet<string>(graph.Outputs, StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Reverse().Where(node => needed.Contains(node.Name)))
            needed.UnionWith(node.Inputs);
        GraphNode[] nodes = [.. graph.Nodes.Where(node => needed.Contains(node.Name))];
        if (nodes.Length == graph.Nodes.Count)
            return graph;
        var used = nodes.SelectMany(node => node.Operator.Parameters).Select(use => use.Name).ToHashSet(StringComparer.Ordinal);
        return graph.With(nodes: nodes, parameters: [.. graph.Parameters.Where(parameter => used.Contains(parameter.Name))]);
    }

    /// <summary>The values of the parameters that a network declares.</summary>
    public static WeightSet Remove(WeightSet weights, Graph graph)
    {
        var kept = new WeightSet();
        foreach (var parameter in graph.Parameters)
            kept[parameter.Name] = weights[parameter.Name];
        return kept;
    }
}

using Subp.Core.Graphs;

namespace Subp.Testing;

/// <summary>
/// Makes a network that fails smaller for as long as it still fails: ends it at an earlier value, and lets the readers of a node read the
/// node's input instead.
/// </summary>
public static class GraphShrinker
{
    /// <summary>A network that fails, but no longer after any single one of these steps.</summary>
    /// <param name="graph">A network that fails.</param>
    /// <param name="fails">Whether a network fails, for the same reason. It is asked for valid networks only.</param>
    /// <param name="attempts">The most networks that are tried.</param>
    public static Graph Shrink(Graph graph, Func<Graph, bool> fails, int attempts = 60)
    {
        var goesOn = true;
        while (goesOn)
        {
            goesOn = false;
            foreach (var smaller in Smaller(graph))
            {
                if (attempts-- <= 0)
                    return graph;
                if (!fails(smaller))
                    continue;
                (graph, goesOn) = (smaller, true);
                break;
            }
        }

        return graph;
    }

    // The smallest first.
    private static IEnumerable<Graph> Smaller(Graph graph)
    {
        foreach (var node in graph.Nodes.Where(node => !graph.IsOutput(node.Name)))
            yield return Needed(graph.With(outputs: [node.Name]));
        foreach (var node in graph.Nodes)
        {
            if (node.Inputs.FirstOrDefault(input => graph.ShapeOf(input).Equals(node.Shape)) is not { } input)
                continue;
            string Passed(string name) => name == node.Name ? input : name;
            yield return Needed(
                graph.With(
                    nodes:
                    [
                        .. graph
                            .Nodes.Where(other => other.Name != node.Name)
                            .Select(other => other with { Inputs = [.. other.Inputs.Select(Passed)] }),
                    ],
                    outputs: [.. graph.Outputs.Select(Passed)]
                )
            );
        }
    }

    private static Graph Needed(Graph graph)
    {
        var needed = new HashSet<string>(graph.Outputs, StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Reverse().Where(node => needed.Contains(node.Name)))
            needed.UnionWith(node.Inputs);
        GraphNode[] nodes = [.. graph.Nodes.Where(node => needed.Contains(node.Name))];
        var used = nodes.SelectMany(node => node.Operator.Parameters).Select(use => use.Name).ToHashSet(StringComparer.Ordinal);
        return graph.With(nodes: nodes, parameters: [.. graph.Parameters.Where(parameter => used.Contains(parameter.Name))]);
    }
}

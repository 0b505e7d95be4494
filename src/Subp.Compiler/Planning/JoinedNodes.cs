using Subp.Core.Graphs;

namespace Subp.Compiler.Planning;

/// <summary>
/// Makes one node of two where the kernel that was chosen for the first can also compute the second, whose value alone is needed: what lies
/// between them is then never stored. The node keeps the name of the first, by which hints know it.
/// </summary>
internal static class JoinedNodes
{
    /// <summary>The choices for the graph with such pairs as one node each; the same choices where there are none.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">no family has a kernel for a node.</exception>
    public static KernelChoices Join(KernelChoices choices)
    {
        var graph = choices.Graph;
        var joined = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        var readers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (readers.ContainsKey(node.Name) || graph.IsOutput(node.Name) || graph.ConsumersOf(node.Name) is not { Count: 1 } consumers)
                continue;
            var reader = consumers[0];
            // A result that the caller gets bears the name that the caller knows.
            if (graph.IsOutput(reader.Name) || choices.Of(node).JoinedWith(reader) is not { } both)
                continue;
            joined[node.Name] = reader with { Name = node.Name, Operator = both, Inputs = node.Inputs };
            readers[reader.Name] = node.Name;
        }

        return joined.Count == 0 ? choices : choices.WithJoined(graph.With(nodes: [.. Nodes()]));

        IEnumerable<GraphNode> Nodes()
        {
            foreach (var node in graph.Nodes)
            {
                if (readers.ContainsKey(node.Name))
                    continue;
                if (joined.TryGetValue(node.Name, out var both))
                    yield return both;
                else if (node.Inputs.Any(readers.ContainsKey))
                    yield return node with
                    {
                        Inputs = [.. node.Inputs.Select(input => readers.TryGetValue(input, out var name) ? name : input)],
                    };
                else
                    yield return node;
            }
        }
    }
}

using Subp.Core.Graphs;

namespace Subp.Compiler.Passes;

/// <summary>Drops nodes whose value reaches no output.</summary>
public sealed class DropDeadNodes : GraphPass
{
    /// <inheritdoc/>
    public override string Name => "drop-dead-nodes";

    /// <inheritdoc/>
    public override Graph Run(Graph graph)
    {
        var live = new HashSet<string>(graph.Outputs, StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Reverse())
        {
            if (live.Contains(node.Name))
                live.UnionWith(node.Inputs);
        }

        return graph.Nodes.All(node => live.Contains(node.Name))
            ? graph
            : graph.With(nodes: [.. graph.Nodes.Where(node => live.Contains(node.Name))]);
    }
}

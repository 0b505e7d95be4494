using Subp.Core.Graphs;

namespace Subp.Compiler.Passes;

/// <summary>Collects the nodes of a rewritten graph in order and renames the values that a rewrite replaced by others.</summary>
internal sealed class GraphRewriter(Graph graph)
{
    private readonly List<GraphNode> _nodes = [];
    private readonly Dictionary<string, string> _replacements = new(StringComparer.Ordinal);
    private bool _changed;

    /// <summary>Keeps a node, reading replaced values under their new names.</summary>
    public void Keep(GraphNode node)
    {
        var inputs = node.Inputs;
        if (inputs.Any(_replacements.ContainsKey))
            inputs = [.. inputs.Select(Current)];
        _nodes.Add(ReferenceEquals(inputs, node.Inputs) ? node : node with { Inputs = inputs });
    }

    /// <summary>Adds a node that was not in the graph or takes the place of others.</summary>
    public void Add(GraphNode node)
    {
        _changed = true;
        Keep(node);
    }

    /// <summary>Drops a node without a replacement.</summary>
    public void Drop() => _changed = true;

    /// <summary>From here on, reads of one value become reads of another.</summary>
    public void Replace(string value, string by)
    {
        _changed = true;
        if (value != by)
            _replacements[value] = Current(by);
    }

    /// <summary>The name under which a value is known now.</summary>
    public string Current(string value) => _replacements.TryGetValue(value, out var replacement) ? replacement : value;

    /// <summary>The rewritten graph, or the original where nothing changed.</summary>
    public Graph Finish() => _changed ? graph.With(nodes: _nodes, outputs: [.. graph.Outputs.Select(Current)]) : graph;
}

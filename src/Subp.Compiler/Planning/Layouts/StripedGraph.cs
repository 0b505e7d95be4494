using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Layouts;

/// <summary>
/// A laid out graph with some of its nodes in stripes. Conversions become nodes in front of the first that reads their value so.
/// </summary>
/// <param name="graph">The graph with all images in blocks.</param>
/// <param name="striped">The nodes whose operands and results lie in stripes.</param>
internal sealed class StripedGraph(Graph graph, IReadOnlyCollection<string> striped)
{
    private readonly Dictionary<string, string> _converted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<GraphNode> _nodes = [];

    /// <summary>Writes the graph.</summary>
    public Graph Write()
    {
        foreach (var node in graph.Nodes)
        {
            var isStriped = striped.Contains(node.Name);
            string[] inputs = [.. node.Inputs.Select(input => In(input, isStriped))];
            _nodes.Add(
                node with
                {
                    Layout = isStriped ? Layout.Stripes16 : node.Layout,
                    Inputs = inputs.SequenceEqual(node.Inputs) ? node.Inputs : inputs,
                }
            );
        }

        return graph.With(nodes: _nodes);
    }

    private string In(string value, bool isStriped)
    {
        if (striped.Contains(value) == isStriped)
            return value;
        if (_converted.TryGetValue(value, out var converted))
            return converted;
        var layout = isStriped ? Layout.Stripes16 : Layout.Blocked16;
        var name = $"{value}.{layout.ToString().ToLowerInvariant()}";
        while (graph.IsInput(name) || graph.FindNode(name) is not null || !_names.Add(name))
            name += "_";
        _nodes.Add(new GraphNode(name, new ChangeLayout(), [value], graph.ShapeOf(value), layout));
        _converted[value] = name;
        return name;
    }
}

using Subp.Onnx.Protos;

namespace Subp.Onnx.Import.Inlining;

/// <summary>Copies of nodes whose values bear other names, as a body needs that becomes part of a graph.</summary>
internal static class NodeCopies
{
    /// <summary>A copy of a node; a name that the table does not have stays.</summary>
    public static NodeProto Renamed(NodeProto node, IReadOnlyDictionary<string, string> names)
    {
        var copy = node.Clone();
        Rename(copy.Input, names);
        Rename(copy.Output, names);
        foreach (var attribute in copy.Attribute.Where(attribute => attribute.G is not null))
            attribute.G = Renamed(attribute.G, names);
        return copy;
    }

    /// <summary>The names that a graph gives to values itself, those of the graphs inside its nodes not among them.</summary>
    public static IEnumerable<string> Defined(GraphProto graph) =>
        graph
            .Node.SelectMany(node => node.Output)
            .Concat(graph.Initializer.Select(tensor => tensor.Name))
            .Concat(graph.Input.Select(input => input.Name));

    /// <summary>Every name of a value in a graph and in the graphs inside its nodes.</summary>
    public static IEnumerable<string> AllNames(GraphProto graph) =>
        Defined(graph)
            .Concat(
                graph
                    .Node.SelectMany(node => node.Attribute)
                    .Where(attribute => attribute.G is not null)
                    .SelectMany(attribute => AllNames(attribute.G))
            );

    private static GraphProto Renamed(GraphProto graph, IReadOnlyDictionary<string, string> names)
    {
        // What the graph defines itself hides a name outside of it.
        var own = Defined(graph).ToHashSet(StringComparer.Ordinal);
        var visible = names.Where(name => !own.Contains(name.Key)).ToDictionary(StringComparer.Ordinal);
        var copy = graph.Clone();
        copy.Node.Clear();
        copy.Node.AddRange(graph.Node.Select(node => Renamed(node, visible)));
        foreach (var output in copy.Output)
            output.Name = visible.GetValueOrDefault(output.Name, output.Name);
        return copy;
    }

    private static void Rename(IList<string> values, IReadOnlyDictionary<string, string> names)
    {
        for (var index = 0; index < values.Count; index++)
            values[index] = names.GetValueOrDefault(values[index], values[index]);
    }
}

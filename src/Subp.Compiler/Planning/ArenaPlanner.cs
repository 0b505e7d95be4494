using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>Places the values of a laid out graph in one arena, from their lives in the order of execution.</summary>
internal sealed class ArenaPlanner
{
    private readonly Dictionary<string, BufferPlan> _buffers;
    private readonly HashSet<string> _aliases;

    private ArenaPlanner(Dictionary<string, BufferPlan> buffers, HashSet<string> aliases, int length, int lowerBound)
    {
        _buffers = buffers;
        _aliases = aliases;
        Length = length;
        LowerBound = lowerBound;
        Buffers = [.. buffers.Values];
    }

    /// <summary>The values in the arena, in graph order.</summary>
    public IReadOnlyList<BufferPlan> Buffers { get; }

    /// <summary>The length of the arena in floats.</summary>
    public int Length { get; }

    /// <summary>The largest number of floats alive at one step.</summary>
    public int LowerBound { get; }

    /// <summary>The place of a value; null for the caller's input and output.</summary>
    public BufferPlan? Buffer(string value) => _buffers.TryGetValue(value, out var buffer) ? buffer : null;

    /// <summary>True for a value that is another one in other words and needs no step of its own.</summary>
    public bool IsAlias(string value) => _aliases.Contains(value);

    /// <summary>Plans the arena.</summary>
    public static ArenaPlanner Plan(Graph graph)
    {
        var geometry = BufferPlanner.Plan(graph);
        var roots = new Dictionary<string, string>(StringComparer.Ordinal);
        string Root(string value) => roots.TryGetValue(value, out var root) ? root : value;
        foreach (var node in graph.Nodes)
        {
            if (IsSameMemory(graph, node))
                roots[node.Name] = Root(node.Inputs[0]);
        }

        var lives = new Dictionary<string, (int First, int Last)>(StringComparer.Ordinal);
        for (var step = 0; step < graph.Nodes.Count; step++)
        {
            var node = graph.Nodes[step];
            foreach (var value in node.Inputs.Append(node.Name).Select(Root).Where(geometry.ContainsKey))
                lives[value] = (lives.TryGetValue(value, out var life) ? life.First : step, step);
        }

        MemoryPlanner.Lifetime[] lifetimes =
            [.. lives.OrderBy(entry => entry.Value.First).Select(entry =>
                new MemoryPlanner.Lifetime(entry.Key, geometry[entry.Key].Length, entry.Value.First, entry.Value.Last))];
        var (offsets, length) = MemoryPlanner.Place(lifetimes);
        var buffers = new Dictionary<string, BufferPlan>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (geometry.TryGetValue(node.Name, out var buffer))
                buffers[node.Name] = buffer with { Offset = offsets[Root(node.Name)] };
        }

        return new ArenaPlanner(buffers, [.. roots.Keys], length, MemoryPlanner.LowerBound(lifetimes));
    }

    /// <summary>Flattening one pixel or a vector moves nothing: blocks of 16 channels of one pixel lie as the padded vector does.</summary>
    private static bool IsSameMemory(Graph graph, GraphNode node)
    {
        if (node.Operator is not Flatten)
            return false;
        var shape = graph.ShapeOf(node.Inputs[0]);
        return !shape.IsImage || (shape is { Height: 1, Width: 1 } && graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16);
    }
}

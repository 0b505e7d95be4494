using Subp.Core.Graphs;

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
    /// <param name="graph">The laid out graph.</param>
    /// <param name="choices">The kernels of the convolutions, which decide what is written in place and how wide halos are.</param>
    public static ArenaPlanner Plan(Graph graph, KernelChoices choices)
    {
        var storages = new StoragePlanner(graph, choices);
        var geometry = BufferPlanner.Plan(graph, choices, storages);
        var lives = new Dictionary<string, (int First, int Last)>(StringComparer.Ordinal);
        for (var step = 0; step < graph.Nodes.Count; step++)
        {
            var node = graph.Nodes[step];
            foreach (var value in node.Inputs.Append(node.Name).Where(geometry.ContainsKey).Select(value => storages.PlaceOf(value).Owner))
                lives[value] = (lives.TryGetValue(value, out var life) ? life.First : step, step);
        }

        MemoryPlanner.Lifetime[] lifetimes =
        [
            .. lives
                .OrderBy(entry => entry.Value.First)
                .ThenBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => new MemoryPlanner.Lifetime(
                    entry.Key,
                    geometry[entry.Key].Length,
                    entry.Value.First,
                    choices.Options.KeepValues ? graph.Nodes.Count - 1 : entry.Value.Last
                )),
        ];
        var (offsets, length) = MemoryPlanner.Place(lifetimes);
        var buffers = new Dictionary<string, BufferPlan>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (geometry.TryGetValue(node.Name, out var buffer) && storages.PlaceOf(node.Name) is var place)
                buffers[node.Name] = buffer with { Offset = offsets[place.Owner] + (place.Block * geometry[place.Owner].PlaneStride) };
        }

        return new ArenaPlanner(buffers, [.. storages.Aliases], length, LargestLiveSet(graph, storages, geometry, lifetimes));
    }

    /// <summary>
    /// The most floats that hold something which is read later, over all steps. A storage that several values share counts with the blocks
    /// of those that are alive at the step: a concatenation grows as its parts are written.
    /// </summary>
    private static int LargestLiveSet(
        Graph graph,
        StoragePlanner storages,
        IReadOnlyDictionary<string, BufferPlan> geometry,
        IReadOnlyList<MemoryPlanner.Lifetime> lifetimes
    )
    {
        var written = new Dictionary<string, int>(StringComparer.Ordinal);
        var read = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var step = 0; step < graph.Nodes.Count; step++)
        {
            written[graph.Nodes[step].Name] = read[graph.Nodes[step].Name] = step;
            foreach (var input in graph.Nodes[step].Inputs)
                read[input] = step;
        }

        var live = new long[graph.Nodes.Count];
        foreach (var life in lifetimes)
        {
            var tenants = storages.Tenants(life.Value);
            var whole = geometry[life.Value];
            var isCut =
                tenants.Any(tenant => storages.PlaceOf(tenant).Block > 0 || geometry[tenant].ChannelBlocks < whole.ChannelBlocks)
                && whole.Shape.IsImage;
            for (var step = life.First; step <= life.Last; step++)
            {
                var alive = tenants.Where(tenant => written[tenant] <= step && step <= read[tenant]);
                live[step] += !isCut
                    ? (alive.Any() ? whole.Length : 0)
                    : (long)
                        alive
                            .SelectMany(tenant => Enumerable.Range(storages.PlaceOf(tenant).Block, geometry[tenant].ChannelBlocks))
                            .Distinct()
                            .Count() * (whole.Length / whole.ChannelBlocks);
            }
        }

        return live.Length == 0 ? 0 : checked((int)live.Max());
    }
}

namespace Subp.Compiler.Planning.Costs;

/// <summary>Collects the work of one kernel; counts of one kind add up, in the order of their first appearance.</summary>
internal sealed class WorkList
{
    /// <summary>Bytes of a cache line.</summary>
    public const int LineBytes = 64;

    private readonly List<WorkItem> _items = [];

    /// <summary>The work.</summary>
    public IReadOnlyList<WorkItem> Items => _items;

    /// <summary>Adds some work.</summary>
    public WorkList Add(string kind, double count)
    {
        var index = _items.FindIndex(item => item.Kind == kind);
        if (index < 0)
            _items.Add(new WorkItem(kind, count));
        else
            _items[index] = new WorkItem(kind, _items[index].Count + count);
        return this;
    }

    /// <summary>Adds a value that is read once, line by line, from where its size lets it lie since it was written.</summary>
    public WorkList AddRead(MachineDescription machine, double bytes) => AddLines("read", Beyond(machine, bytes), bytes / LineBytes);

    /// <summary>Adds a value that is written once, line by line.</summary>
    public WorkList AddWrite(MachineDescription machine, double bytes) => AddLines("write", Beyond(machine, bytes), bytes / LineBytes);

    // What another layer left in the first-level cache is gone, or as good as gone.
    private static CacheLevel Beyond(MachineDescription machine, double bytes) =>
        machine.LevelOf(bytes) == CacheLevel.Far ? CacheLevel.Far : CacheLevel.Second;

    /// <summary>Adds cache lines that come from a level; those of the first level cost nothing of their own.</summary>
    /// <param name="family">The kernels that read them: how much of the wait they hide is theirs.</param>
    /// <param name="level">Where the lines lie.</param>
    /// <param name="lines">How many.</param>
    public WorkList AddLines(string family, CacheLevel level, double lines) =>
        level switch
        {
            CacheLevel.Second => Add(family + ".line2", lines),
            CacheLevel.Far => Add(family + ".line3", lines),
            _ => this,
        };
}

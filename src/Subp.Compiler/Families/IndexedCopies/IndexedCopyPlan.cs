using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>
/// Runs of neighbouring elements that computed indices choose. A task is what one index, or one tuple of them, takes for one position of
/// the axes in front of its own; the results of neighbouring tasks are neighbours.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IndexedCopyPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>How many indices or tuples of them there are for each position of the axes in front.</summary>
    public required int Positions { get; init; }

    /// <summary>The extents of the axes that they are indices of, one for each index of a tuple.</summary>
    public required IReadOnlyList<int> Extents { get; init; }

    /// <summary>True where all positions of the axes in front have the same indices, otherwise each has its own.</summary>
    public required bool SharesIndices { get; init; }

    /// <summary>The elements behind each index.</summary>
    public required int Inner { get; init; }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        // Which elements are read is known at run time only.
        foreach (var input in Inputs)
            reads.Whole(input);
        if (Target.Memory == OperandMemory.Arena && range.TileFrom < range.TileTo)
            writes.Add(new ArenaSpan(Target.Number + (range.TileFrom * Inner), Target.Number + (range.TileTo * Inner)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        double elements = Node.Shape.ElementCount;
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, elements * sizeof(float))
            .AddWrite(machine, elements * sizeof(float))
            .Add("copy.row", elements / Inner)
            .Add("copy.value", elements)
            .Items;
    }
}

using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>
/// Runs of neighbouring elements that computed indices choose. A task is what one index takes for one position of the axes in front of its
/// axis; the results of neighbouring tasks are neighbours.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IndexedCopyPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>How many indices there are.</summary>
    public required int Positions { get; init; }

    /// <summary>The extent of the axis that they are indices of.</summary>
    public required int Extent { get; init; }

    /// <summary>The elements behind each index of the axis.</summary>
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

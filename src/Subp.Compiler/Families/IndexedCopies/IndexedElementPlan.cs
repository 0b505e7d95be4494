using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Single elements that computed indices choose, one for each index. A task is a row of the innermost loop.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IndexedElementPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>
    /// The loops over the indices, outermost first: how many steps, and how far one goes in the value along axes other than that of the
    /// indices.
    /// </summary>
    public required IReadOnlyList<(int Extent, int Stride)> Loops { get; init; }

    /// <summary>The extent of the axis that they are indices of.</summary>
    public required int Extent { get; init; }

    /// <summary>The elements behind each index of the axis.</summary>
    public required int Inner { get; init; }

    /// <summary>The results of a task.</summary>
    public int Run => Loops[Loops.Count - 1].Extent;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        // Which elements are read is known at run time only.
        foreach (var input in Inputs)
            reads.Whole(input);
        if (Target.Memory == OperandMemory.Arena && range.TileFrom < range.TileTo)
            writes.Add(new ArenaSpan(Target.Number + (range.TileFrom * Run), Target.Number + (range.TileTo * Run)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        double elements = Node.Shape.ElementCount;
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, elements * sizeof(float))
            .AddWrite(machine, elements * sizeof(float))
            .Add("copy.row", elements / Run)
            .Add("copy.value", elements)
            .Items;
    }
}

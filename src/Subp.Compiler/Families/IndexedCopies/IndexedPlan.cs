using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Elements that computed indices choose. The results of neighbouring tasks are neighbours.</summary>
/// <param name="Frame">What every step has.</param>
internal abstract record IndexedPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>The results of a task.</summary>
    public abstract int Run { get; }

    /// <inheritdoc/>
    public sealed override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        // Which elements are read is known at run time only.
        foreach (var input in Inputs)
            reads.Whole(input);
        if (Target.Memory == OperandMemory.Arena && range.TileFrom < range.TileTo)
            writes.Add(new ArenaSpan(Target.Number + (range.TileFrom * Run), Target.Number + (range.TileTo * Run)));
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
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

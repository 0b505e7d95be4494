using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Selections;

/// <summary>The places of the best elements along an axis. A task is everything behind one position in front of the axis.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record SelectionPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>What is selected.</summary>
    public required TopIndices Top { get; init; }

    /// <summary>The extent of the axis.</summary>
    public required int Extent { get; init; }

    /// <summary>The elements behind each index of the axis.</summary>
    public required int Inner { get; init; }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        Add(reads, Operands[0], range, Extent * Inner);
        Add(writes, Target, range, Top.Count * Inner);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        double elements = Node.Shape.ElementCount / Top.Count * Extent;
        // Every element is compared once with the worst that is kept; what is kept goes through a heap in and out.
        var steps = 2 * Node.Shape.ElementCount * Math.Log(Top.Count + 1, 2);
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, elements * sizeof(float))
            .AddWrite(machine, Node.Shape.ElementCount * sizeof(float))
            .Add("copy.value", elements + steps)
            .Items;
    }

    private static void Add(SpanList spans, OperandPlace place, WorkRange range, int length)
    {
        if (place.Memory == OperandMemory.Arena && range.TileFrom < range.TileTo)
            spans.Add(new ArenaSpan(place.Number + (range.TileFrom * length), place.Number + (range.TileTo * length)));
    }
}

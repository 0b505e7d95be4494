using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Layers;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;

namespace Subp.Compiler.Planning;

/// <summary>
/// A step whose kernel family lives in a folder of its own: all that planning has to know of it, it says itself. The task grid is one group
/// of tiles unless the family says otherwise.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal abstract record FamilyPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The pointers of the kernel's parameters, in their order; the output is the last.</summary>
    public required IReadOnlyList<OperandPlace> Operands { get; init; }

    /// <summary>The place of the result.</summary>
    public OperandPlace Target => Operands[Operands.Count - 1];

    /// <summary>Floats of scratch memory that each thread needs.</summary>
    public virtual int ScratchLength => 0;

    /// <summary>The vector functions that the kernel calls, by name.</summary>
    public virtual IEnumerable<string> Functions => [];

    /// <summary>Adds what one thread's part reads and writes in the arena, never less than the kernel touches.</summary>
    public abstract void AddFootprint(WorkRange range, SpanList reads, SpanList writes);

    /// <summary>What the kernel does on one thread, for the cost model.</summary>
    public abstract IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine);
}

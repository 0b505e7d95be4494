using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Bytes;

/// <summary>A step that reads or makes bytes: its name begins with <c>u8</c>.</summary>
/// <param name="Frame">What every step has.</param>
internal abstract record BytePlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet) =>
        $"u8_{OperationName}_{instructionSet.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        new WorkList()
            .Add("layer", 1)
            .AddRead(machine, Inputs.Sum(input => (double)(input?.Shape.ElementCount ?? Node.Shape.ElementCount)))
            .AddWrite(machine, Node.Shape.ElementCount)
            .Add("byte.vector", (1.0 + Inputs.Count) * Node.Shape.ElementCount / MachineDescription.Lanes(set))
            .Items;

    /// <summary>Adds a stretch of bytes of an operand; nothing where it does not lie in the arena.</summary>
    protected static void AddBytes(SpanList spans, OperandPlace place, int from, int to)
    {
        if (place.Memory == OperandMemory.Arena && from < to)
            spans.Add(new ArenaSpan(place.Number + (from / sizeof(float)), place.Number + ByteLayout.Floats(to)));
    }

    /// <summary>The part of a kernel name that says how large a window is: <c>3x3</c>, with its stride where that is not 1.</summary>
    protected static string WindowText(Core.Operators.Window window) =>
        Invariant($"{window.Kernel.Height}x{window.Kernel.Width}")
        + (window.Stride == Core.Operators.Extent.One ? "" : Invariant($"s{window.Stride.Height}"));
}

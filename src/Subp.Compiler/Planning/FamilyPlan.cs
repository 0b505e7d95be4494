using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning;

/// <summary>
/// A step as its family of kernels planned it: all that planning and emission have to know of it, it says itself. The task grid is one
/// group of tiles unless the family says otherwise, and the name of the kernel <c>f32_operation_isa</c>.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal abstract record FamilyPlan(LayerFrame Frame) : LayerPlan(Frame)
{
    /// <summary>
    /// The pointers of the kernel's parameters, in their order; of kernels without scratch memory the output is the last.
    /// </summary>
    public required IReadOnlyList<OperandPlace> Operands { get; init; }

    /// <summary>The place of the result.</summary>
    public OperandPlace Target => Operands[Operands.Count - 1];

    /// <summary>The vector functions that the kernel calls, by name.</summary>
    public virtual IEnumerable<string> Functions => [];

    /// <summary>The kept blocks of its weights; null for a step without choices over such.</summary>
    public virtual BlockPattern? KeptBlocks => null;

    /// <summary>True where each thread should rather read its own weights than its own rows of the input.</summary>
    public virtual bool WeightsOutweighInput => false;

    /// <summary>Floats of scratch memory that each thread needs beside the arena.</summary>
    public virtual int ScratchLength => 0;

    /// <summary>How the kernel mixes more inputs than the operator's definition does; null where it does not.</summary>
    public virtual ValueMixing? Mixing => null;

    /// <summary>
    /// Lanes of the vectors in memory that a method applies the activation to where it is more than a few instructions; null where the
    /// kernel applies every activation in registers.
    /// </summary>
    public virtual int? ActivationLanes(InstructionSet set) => null;

    /// <summary>Adds what one thread's part reads and writes in the arena, never less than the kernel touches.</summary>
    public abstract void AddFootprint(WorkRange range, SpanList reads, SpanList writes);

    /// <summary>What the kernel does on one thread, for the cost model.</summary>
    public abstract IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine);

    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet) =>
        $"f32_{OperationName}_{instructionSet.ToString().ToLowerInvariant()}";

    /// <summary>The operation part of the kernel name, for example <c>maxpool3x3s2</c>.</summary>
    protected virtual string OperationName => Node.Operator.Mnemonic;
}

using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Layouts;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>What every step has, whatever its kernel.</summary>
public sealed record LayerFrame
{
    /// <summary>Position in the order of execution, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The node.</summary>
    public required GraphNode Node { get; init; }

    /// <summary>The values it reads; null stands for the caller's input (dense NCHW).</summary>
    public required IReadOnlyList<BufferPlan?> Inputs { get; init; }

    /// <summary>The value it writes; null stands for the caller's output (dense NCHW).</summary>
    public required BufferPlan? Output { get; init; }

    /// <summary>The relative cost of the tasks of each group of output channels: of a whole tile.</summary>
    public required IReadOnlyList<double> GroupCosts { get; init; }

    /// <summary>The extent of the task grid along pixels.</summary>
    public required int TaskTiles { get; init; }

    /// <summary>The machine whose costs weigh the parts of the layer.</summary>
    internal MachineDescription Machine { get; init; } = MachineDescription.Standard;

    /// <summary>Multiply-accumulates of the layer as if dense.</summary>
    public long DenseMacs { get; init; }

    /// <summary>Multiply-accumulates of kept blocks.</summary>
    public long KeptMacs { get; init; }

    /// <summary>Why the layer has no sparse kernel; null where it has one or is no convolution or linear layer.</summary>
    public string? DenseReason { get; init; }

    /// <summary>
    /// The hints that chose the kernel, or why a kernel that one may expect was not chosen; null where there is nothing to say.
    /// </summary>
    public string? ChoiceReason { get; init; }

    /// <summary>The kernels that competed with their predicted cycles; empty where nothing did or a hint decided.</summary>
    internal IReadOnlyList<(string Name, double Cycles)> Rivals { get; init; } = [];

    /// <summary>What the layer would cost in each layout; null where layouts did not compete for it.</summary>
    internal LayoutCosts? Layouts { get; init; }

    /// <summary>The PascalCase stem of file and method names, <c>Layer03_Stage1Conv1</c>.</summary>
    public required string MethodStem { get; init; }
}

/// <summary>One step of the compiled network: a graph node, the kernel that computes it and where its operands lie.</summary>
/// <param name="Frame">What every step has.</param>
public abstract record LayerPlan(LayerFrame Frame)
{
    /// <summary>The step as its family of kernels planned it: every step is one of a family.</summary>
    internal FamilyPlan OfFamily => (FamilyPlan)this;

    /// <summary>Position in the order of execution, from 0.</summary>
    public int Index => Frame.Index;

    /// <summary>The node.</summary>
    public GraphNode Node => Frame.Node;

    /// <summary>The values it reads; null stands for the caller's input (dense NCHW).</summary>
    public IReadOnlyList<BufferPlan?> Inputs => Frame.Inputs;

    /// <summary>The value it writes; null stands for the caller's output (dense NCHW).</summary>
    public BufferPlan? Output => Frame.Output;

    /// <summary>True where the step writes over one of its operands.</summary>
    public bool IsInPlace => Output is { } output && Inputs.Any(input => input is not null && input.Offset == output.Offset);

    /// <summary>
    /// The value whose halo the step must zero; null where there is none, and where the operand that it writes over left zeros.
    /// </summary>
    public BufferPlan? HaloToClear => Output is { Halo.IsNone: false } output && !IsInPlace ? output : null;

    /// <summary>The extent of the task grid along groups of output channels.</summary>
    public int TaskGroups => Frame.GroupCosts.Count;

    /// <summary>The extent of the task grid along pixels.</summary>
    public int TaskTiles => Frame.TaskTiles;

    /// <summary>The relative cost of the tasks of each group of output channels.</summary>
    public IReadOnlyList<double> GroupCosts => Frame.GroupCosts;

    /// <summary>Multiply-accumulates of the layer as if dense.</summary>
    public long DenseMacs => Frame.DenseMacs;

    /// <summary>Multiply-accumulates of kept blocks.</summary>
    public long KeptMacs => Frame.KeptMacs;

    /// <summary>Why the layer has no sparse kernel; null where it has one or is no convolution or linear layer.</summary>
    public string? DenseReason => Frame.DenseReason;

    /// <summary>
    /// The hints that chose the kernel, or why a kernel that one may expect was not chosen; null where there is nothing to say.
    /// </summary>
    public string? ChoiceReason => Frame.ChoiceReason;

    /// <summary>The PascalCase stem of file and method names, <c>Layer03_Stage1Conv1</c>.</summary>
    public string MethodStem => Frame.MethodStem;

    /// <summary>The relative cost of a tile, in units of a whole one: the last tile of an image may be smaller.</summary>
    public virtual double TileCost(int tile) => 1;

    /// <summary>The relative cost of one thread's part of the layer.</summary>
    public virtual double Cost(WorkRange range)
    {
        double groups = 0,
            tiles = 0;
        for (var group = range.GroupFrom; group < range.GroupTo; group++)
            groups += GroupCosts[group];
        for (var tile = range.TileFrom; tile < range.TileTo; tile++)
            tiles += TileCost(tile);
        return groups * tiles;
    }

    /// <summary>The activation of the result.</summary>
    public virtual Activation Activation => Activation.None;

    /// <summary>
    /// The kernel's name, <c>type_op_block_tile_activation_isa</c>: the same string in plan, emitted code, benchmarks and diagnostics.
    /// </summary>
    public abstract string KernelName(InstructionSet instructionSet);
}

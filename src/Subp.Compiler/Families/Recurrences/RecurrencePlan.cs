using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Recurrences;

/// <summary>
/// A recurrence over dense values. A task is one sequence of the batch from its first step to its last: steps wait for each other,
/// sequences do not.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record RecurrencePlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>The operator.</summary>
    public Recurrence Recurrence => (Recurrence)Node.Operator;

    /// <summary>The steps of a sequence.</summary>
    public required int Steps { get; init; }

    /// <summary>The sequences.</summary>
    public required int Batch { get; init; }

    /// <summary>The hidden units.</summary>
    public required int Hidden { get; init; }

    /// <summary>
    /// The products of a step: one, or two where the second multiplies what the gates of the first have made of the state.
    /// </summary>
    public required IReadOnlyList<StateProduct> Products { get; init; }

    /// <summary>The floats of one sequence in one step of the input.</summary>
    public int InputColumns => Recurrence.Gates * Hidden;

    /// <summary>True where the first states are given.</summary>
    public bool HasFirstState => Node.Inputs.Count > 1;

    /// <summary>Where the sums of each product begin in the scratch memory of a thread, behind the states.</summary>
    public int SumsOffset(int product) => checked(Batch * (Hidden + Products.Take(product).Sum(other => other.PaddedColumns)));

    /// <summary>Where the cells begin, or the states that are reset; behind the sums.</summary>
    public int CellsOffset => SumsOffset(Products.Count);

    /// <summary>True where there are cells, or states that are reset.</summary>
    public bool HasCells => Recurrence.Kind == RecurrenceKind.Lstm || Products.Count > 1;

    /// <inheritdoc/>
    public override int ScratchLength => checked(CellsOffset + (HasCells ? Batch * Hidden : 0));

    /// <inheritdoc/>
    public override IEnumerable<string> Functions =>
        [
            VectorFunctions.LoadFirst,
            VectorFunctions.StoreFirst,
            .. Recurrence.Kind == RecurrenceKind.Simple ? (string[])[] : [VectorFunctions.NameOf(ActivationKind.Sigmoid)],
            .. Recurrence.IsRelu ? (string[])[] : [VectorFunctions.NameOf(ActivationKind.Tanh)],
        ];

    /// <inheritdoc/>
    protected override string OperationName => Recurrence.IsReverse ? $"{Node.Operator.Mnemonic}_reverse" : Node.Operator.Mnemonic;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        foreach (var input in Inputs)
            reads.Whole(input);
        if (Result.Memory != OperandMemory.Arena || range.TileFrom >= range.TileTo)
            return;
        for (var step = 0; step < Node.Shape[0]; step++)
        {
            var start = Result.Number + (step * Batch * Hidden);
            writes.Add(new ArenaSpan(start + (range.TileFrom * Hidden), start + (range.TileTo * Hidden)));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        double lanes = MachineDescription.Lanes(set);
        double vectors = (double)Steps * Batch * InputColumns / lanes;
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, (double)Steps * Batch * InputColumns * sizeof(float))
            .AddWrite(machine, (double)Node.Shape.ElementCount * sizeof(float))
            .Add("linear.step", DenseMacs / lanes)
            .Add("function", vectors)
            .Add("element.vector", 2 * vectors)
            .Items;
    }

    // Behind the result lies scratch memory.
    private OperandPlace Result => Operands[Operands.Count - 2];
}

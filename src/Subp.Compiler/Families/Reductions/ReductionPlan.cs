using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Reductions;

/// <summary>Elements combined along some axes, or computed from what they are combined to: softmax and normalisations.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record ReductionPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>The loops.</summary>
    public required ReductionLoops Loops { get; init; }

    /// <summary>Normalisations only: which operand is the scale and which the shift, or -1.</summary>
    public (int Scale, int Shift) Factors { get; init; } = (-1, -1);

    /// <inheritdoc/>
    public override IEnumerable<string> Functions =>
        [
            VectorFunctions.LoadFirst,
            VectorFunctions.StoreFirst,
            VectorFunctions.KeepFirst,
            .. Node.Operator switch
            {
                Softmax => (string[])[VectorFunctions.ExpOfSums, VectorFunctions.LargestLane],
                Reduce { Kind: ReduceKind.LogSumExp } => [VectorFunctions.ExpOfSums, VectorFunctions.LargestLane],
                Reduce { Kind: ReduceKind.Maximum } => [VectorFunctions.LargestLane],
                Reduce { Kind: ReduceKind.Minimum } => [VectorFunctions.SmallestLane],
                Reduce { Kind: ReduceKind.Product } => [VectorFunctions.ProductOfLanes],
                _ => [],
            },
        ];

    /// <inheritdoc/>
    protected override string OperationName => Node.Operator.Mnemonic;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        for (var operand = 0; operand < Operands.Count; operand++)
            Loops.Kept.AddSpan(operand, Operands[operand], range, operand == Operands.Count - 1 ? writes : reads, Loops.Reach(operand));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        double elements = Inputs[0]?.Shape.ElementCount ?? Node.Shape.ElementCount;
        var vectors = elements / MachineDescription.Lanes(set);
        var work = new WorkList()
            .Add("layer", 1)
            .AddRead(machine, elements * sizeof(float))
            .AddWrite(machine, Node.Shape.ElementCount * sizeof(float));
        if (Node.Operator is Softmax or Reduce { Kind: ReduceKind.LogSumExp })
            work.Add("function", vectors);
        return work.Add("mean.vector", vectors * (Node.Operator is Softmax or Normalize ? 3 : 1)).Items;
    }
}

using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Loops;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;

namespace Subp.Compiler.Families.Resampling;

/// <summary>Sums of a few weighted samples along one axis: linear and cubic interpolation.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record ResamplePlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>The loops over source, weights, places and target.</summary>
    public required LoopNest Nest { get; init; }

    /// <summary>Per result along the axis, the distance of each sample, as many for all.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Places { get; init; }

    /// <summary>Per result along the axis, the weight of each sample.</summary>
    public required IReadOnlyList<IReadOnlyList<float>> Weights { get; init; }

    /// <summary>True where the axis is the innermost, so that neighbours in the result have weights of their own.</summary>
    public required bool IsInnermost { get; init; }

    /// <summary>How far the samples reach beyond the start of the axis.</summary>
    public required int Reach { get; init; }

    /// <summary>The samples of a result.</summary>
    public int Taps => Places[0].Count;

    /// <inheritdoc/>
    public override IEnumerable<string> Functions => [VectorFunctions.LoadFirst, VectorFunctions.StoreFirst];

    /// <inheritdoc/>
    protected override string OperationName => InvariantText.Invariant($"resize{Taps}");

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        Nest.AddSpan(0, Operands[0], range, reads, Reach);
        Nest.AddSpan(3, Target, range, writes);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        double elements = Node.Shape.ElementCount;
        var lanes = IsInnermost ? 1 : MachineDescription.Lanes(set);
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, (double)(Inputs[0]?.Shape.ElementCount ?? Node.Shape.ElementCount) * sizeof(float))
            .AddWrite(machine, elements * sizeof(float))
            .Add("element.vector", elements * (Taps + 1) / lanes)
            .Items;
    }
}

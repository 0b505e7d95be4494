using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.BlockedElementwise;

/// <summary>An element-wise step that could not be fused: addition, multiplication, activation or batch normalisation.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record ElementwisePlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>What is computed: <see cref="Add"/>, <see cref="Mul"/>, <see cref="Activate"/> or <see cref="BatchNorm"/>.</summary>
    public required Operator Operator { get; init; }

    /// <summary>True for a product with a gate: one factor per channel instead of one per element.</summary>
    public bool IsGate => Operator is Mul && !Inputs[0]!.Shape.Equals(Inputs[1]!.Shape);

    /// <inheritdoc/>
    public override Activation Activation =>
        Operator switch
        {
            Add add => add.Activation,
            Mul product => product.Activation,
            Activate activate => activate.Activation,
            BatchNorm normalization => normalization.Activation,
            _ => Activation.None,
        };

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        foreach (var (image, from, to) in RowsOf(range, Output!.Height, 1, Output.Height))
        {
            reads.Rows(Inputs[0]!, image, range.GroupFrom, range.GroupTo, from, to);
            foreach (var other in Inputs.Skip(1))
                reads.Rows(other!, image, range.GroupFrom, range.GroupTo, IsGate ? 0 : from, IsGate ? other!.Height : to);
            writes.OutputRows(Output, image, range.GroupFrom, range.GroupTo, from, to);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        // A gate is one vector for a whole map, loaded once.
        var read = IsGate ? 1 : Inputs.Count;
        return Stream(machine).AddActivation(Activation, Vectors(set)).Add("element.vector", Vectors(set) * (1 + read)).Items;
    }

    /// <inheritdoc/>
    protected override string OperationName =>
        Operator switch
        {
            Add => $"add_{Activation.Word}",
            Mul => (IsGate ? "gate_" : "mul_") + Activation.Word,
            Activate => Activation.Word,
            _ => Activation == Activation.None ? "batchnorm" : $"batchnorm_{Activation.Word}",
        };
}

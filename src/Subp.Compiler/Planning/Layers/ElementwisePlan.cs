using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Layers;

/// <summary>An element-wise step that could not be fused: addition, multiplication, activation or batch normalisation.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record ElementwisePlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>What is computed: <see cref="Add"/>, <see cref="Mul"/>, <see cref="Activate"/> or <see cref="BatchNorm"/>.</summary>
    public required Operator Operator { get; init; }

    /// <summary>Batch normalisation only: the offset of the factors in the constants.</summary>
    public int FactorsOffset { get; init; }

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
    protected override string OperationName =>
        Operator switch
        {
            Add => $"add_{Activation.Word}",
            Mul => (IsGate ? "gate_" : "mul_") + Activation.Word,
            Activate => Activation.Word,
            _ => Activation == Activation.None ? "batchnorm" : $"batchnorm_{Activation.Word}",
        };
}

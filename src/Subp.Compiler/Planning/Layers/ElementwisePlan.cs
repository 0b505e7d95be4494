using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Layers;

/// <summary>An element-wise step that could not be fused: addition, clamp or batch normalisation.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record ElementwisePlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>What is computed: <see cref="Add"/>, <see cref="Activate"/> or <see cref="BatchNorm"/>.</summary>
    public required Operator Operator { get; init; }

    /// <summary>Batch normalisation only: the offset of the factors in the constants.</summary>
    public int FactorsOffset { get; init; }

    /// <summary>The clamp of the result.</summary>
    public Activation Activation => Operator switch
    {
        Add add => add.Activation,
        Activate activate => activate.Activation,
        BatchNorm normalization => normalization.Activation,
        _ => Activation.None,
    };

    /// <inheritdoc/>
    protected override string OperationName => Operator switch
    {
        Add add => $"add_{add.Activation.Word}",
        Activate activate => activate.Activation.Word,
        _ => Activation == Activation.None ? "batchnorm" : $"batchnorm_{Activation.Word}",
    };
}

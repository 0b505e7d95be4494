using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Layers;

/// <summary>A fully connected layer. Tasks: blocks of 16 output features x images; weights [out / 16][in][16].</summary>
/// <param name="Frame">What every step has.</param>
public sealed record LinearPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The layer.</summary>
    public required Linear Linear { get; init; }

    /// <summary>The number of input features.</summary>
    public required int InputFeatures { get; init; }

    /// <summary>The offset of the weights in the constants.</summary>
    public required int WeightsOffset { get; init; }

    /// <summary>The offset of the bias in the constants.</summary>
    public required int BiasOffset { get; init; }

    /// <inheritdoc/>
    public override Activation Activation => Linear.Activation;

    /// <inheritdoc/>
    protected override string OperationName => $"linear_{Linear.Activation.Word}";
}

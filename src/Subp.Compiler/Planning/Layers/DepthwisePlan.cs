using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Layers;

/// <summary>A depthwise convolution, one filter per channel: lanes are channels, weights [block][tap][16].</summary>
/// <param name="Frame">What every step has.</param>
public sealed record DepthwisePlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The convolution.</summary>
    public required Conv2d Convolution { get; init; }

    /// <summary>The offset of the weights in the constants.</summary>
    public required int WeightsOffset { get; init; }

    /// <summary>The offset of the bias in the constants.</summary>
    public required int BiasOffset { get; init; }

    /// <inheritdoc/>
    public override Activation Activation => Convolution.Activation;

    /// <inheritdoc/>
    protected override string OperationName =>
        InvariantText.Invariant(
            $"dwconv{Convolution.Window.Kernel.Height}x{Convolution.Window.Kernel.Width}s{Convolution.Window.Stride.Height}_"
                + $"{Convolution.Activation.Word}"
        );
}

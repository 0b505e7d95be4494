using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Layers;

/// <summary>Maximum or average pooling over windows that are cut at the image's edge.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record PoolPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The pooling.</summary>
    public required Pool2d Pool { get; init; }

    /// <inheritdoc/>
    protected override string OperationName =>
        InvariantText.Invariant(
            $"{(Pool.Kind == PoolKind.Maximum ? "maxpool" : "avgpool")}{Pool.Window.Kernel.Height}x{Pool.Window.Kernel.Width}s"
                + $"{Pool.Window.Stride.Height}"
        );
}

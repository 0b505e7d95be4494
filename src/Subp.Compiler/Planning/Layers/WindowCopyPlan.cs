using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Layers;

/// <summary>
/// A copy of rows and columns: pixel (y, x) of the output is pixel (y * step + begin) of the input along both axes, or a constant where
/// that lies outside. Slices begin inside, paddings before the image.
/// </summary>
/// <param name="Frame">What every step has.</param>
public sealed record WindowCopyPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The row and column of the input at the first pixel; negative for padding.</summary>
    public required Extent Begin { get; init; }

    /// <summary>The distance of two rows or columns that are copied.</summary>
    public required Extent Step { get; init; }

    /// <summary>What lies outside the input.</summary>
    public float Value { get; init; }

    /// <inheritdoc/>
    protected override string OperationName => Node.Operator.Mnemonic;
}

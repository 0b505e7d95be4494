using Subp.Core.Operators;

namespace Subp.Onnx.Import.Recognition;

/// <summary>
/// Normalisations with the statistics of the value itself as exporters write them below opset 17: the difference from the mean, divided by
/// the root of its mean square, times a scale, plus a shift.
/// </summary>
internal static class NormalizationForms
{
    /// <summary>
    /// Adds a quotient as one normalisation where it is (x - mean) / sqrt(variance + epsilon), or x / sqrt(mean square + epsilon).
    /// </summary>
    /// <returns>False where it is neither.</returns>
    public static bool TryEmitQuotient(NodeContext node, GraphValue dividend, GraphValue divisor) =>
        Root(node, divisor, 0.5f) is { } deviation && TryEmit(node, dividend, deviation);

    /// <summary>The same of a product with the reciprocal of the root.</summary>
    public static bool TryEmitProduct(NodeContext node, GraphValue left, GraphValue right) =>
        (InverseRoot(node, right) is { } second && TryEmit(node, left, second))
        || (InverseRoot(node, left) is { } first && TryEmit(node, right, first));

    /// <summary>
    /// Adds a product with a constant, or a sum, as the scale or the shift of the normalisation that makes the other operand.
    /// </summary>
    /// <returns>False where there is none, where others read it too, or where the constant changes the shape.</returns>
    public static bool TryExtend(NodeContext node, int index, GraphValue value, ConstantTensor constant, bool adds)
    {
        if (
            node.Producer(value) is not (Normalize { Shift: null } normalize, [var source])
            || (!adds && normalize.Scale is not null)
            || constant.Count < 2
            || !node.ReadsAlone(index)
            || !IsBroadcast(constant.Dimensions, value.Shape.Dimensions)
        )
            return false;
        var parameter = node.Parameter(constant);
        node.Emit(adds ? normalize with { Shift = parameter } : normalize with { Scale = parameter }, source);
        return true;
    }

    private static bool TryEmit(NodeContext node, GraphValue value, Deviation deviation)
    {
        if (Centred(node, value) is var (source, axes) && Centred(node, deviation.Base) == (source, axes) && axes.Equals(deviation.Axes))
        {
            node.Emit(new Normalize { Axes = axes, Epsilon = deviation.Epsilon }, source);
            return true;
        }

        if (deviation.Base != value)
            return false;
        node.Emit(
            new Normalize
            {
                Axes = deviation.Axes,
                Epsilon = deviation.Epsilon,
                KeepsMean = true,
            },
            value
        );
        return true;
    }

    private static Deviation? InverseRoot(NodeContext node, GraphValue value) =>
        node.Producer(value) switch
        {
            (Activate { Activation.Kind: ActivationKind.Reciprocal }, [var root]) => Root(node, root, 0.5f),
            (Binary { Kind: BinaryKind.Divide }, [{ Constant: { Count: 1 } one }, var root]) when one.ToScalar() == 1 => Root(
                node,
                root,
                0.5f
            ),
            _ => Root(node, value, -0.5f),
        };

    // The root of a mean square plus epsilon, written as a root or as a power.
    private static Deviation? Root(NodeContext node, GraphValue value, float exponent) =>
        node.Producer(value) switch
        {
            (Activate { Activation.Kind: ActivationKind.Sqrt }, [var square]) when exponent == 0.5f => MeanSquare(node, square),
            (Binary { Kind: BinaryKind.Power }, [var square, { Constant: { Count: 1 } power }]) when power.ToScalar() == exponent =>
                MeanSquare(node, square),
            _ => null,
        };

    private static Deviation? MeanSquare(NodeContext node, GraphValue value)
    {
        var (mean, epsilon) = node.Producer(value) switch
        {
            (BatchNorm norm, [var source]) when node.UniformFactors(norm) is (1, var shift) => (source, shift),
            (Add { Activation.Word: "none" }, [var source, { Constant: { Count: 1 } summand }]) => (source, summand.ToScalar()),
            (Add { Activation.Word: "none" }, [{ Constant: { Count: 1 } summand }, var source]) => (source, summand.ToScalar()),
            _ => (value, 0),
        };
        if (!(epsilon >= 0) || Mean(node, mean) is not var (square, axes))
            return null;
        return node.Producer(square) switch
        {
            (Binary { Kind: BinaryKind.Power }, [var factor, { Constant: { Count: 1 } two }]) when two.ToScalar() == 2 => new Deviation(
                factor,
                axes,
                epsilon
            ),
            (Mul { Activation.Word: "none" }, [var factor, var other]) when factor == other => new Deviation(factor, axes, epsilon),
            _ => null,
        };
    }

    // x and the axes where a value is x minus its mean.
    private static (GraphValue Source, EquatableList<int> Axes)? Centred(NodeContext node, GraphValue value) =>
        node.Producer(value) is (Binary { Kind: BinaryKind.Subtract }, [var source, var mean])
        && Mean(node, mean) is var (averaged, axes)
        && averaged == source
            ? (source, axes)
            : null;

    private static (GraphValue Source, EquatableList<int> Axes)? Mean(NodeContext node, GraphValue value) =>
        node.Producer(value) switch
        {
            (Reduce { Kind: ReduceKind.Mean, KeepDimensions: true, Axes.Count: > 0 } reduce, [var source]) => (source, reduce.Axes),
            (GlobalAveragePool, [var source]) when value.Shape.IsImage => (source, (int[])[2, 3]),
            _ => null,
        };

    private static bool IsBroadcast(IReadOnlyList<int> constant, IReadOnlyList<int> shape) =>
        constant.Count <= shape.Count
        && constant.Select((extent, axis) => extent == 1 || extent == shape[shape.Count - constant.Count + axis]).All(fits => fits);

    // The root of the mean of the squares of a value along some axes, plus epsilon.
    private sealed record Deviation(GraphValue Base, EquatableList<int> Axes, float Epsilon);
}

using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Folding;

/// <summary>Sums, means and extremes over axes. Sums of real numbers are taken in double precision.</summary>
internal static class ReductionFolds
{
    /// <summary>Reduces over the axes of the node.</summary>
    /// <param name="context">The node.</param>
    /// <param name="integers">The result of the integers of one row; null where there is none.</param>
    /// <param name="reals">The result of the real numbers of one row.</param>
    /// <param name="axesInputOpset">The first opset that gives the axes as an input.</param>
    public static FoldedTensor Reduce(
        FoldContext context,
        Func<IEnumerable<long>, long>? integers,
        Func<IEnumerable<double>, double> reals,
        int axesInputOpset
    )
    {
        context.Node.RequireInputs(1, context.Node.Opset >= axesInputOpset ? 2 : 1);
        var input = context.Input(0, "input");
        var axes = Axes.Reduced(context.Node, input.Dimensions.Length, axesInputOpset);
        var keeps = context.Node.Attributes.Switch("keepdims", true);
        if (input.Type is not (DataType.Float or DataType.Int64) || (!input.IsReal && integers is null) || input.Count == 0)
            throw context.Node.Unsupported(
                FormattableString.Invariant($"{input.Count} elements of type {input.Type}"),
                integers is null ? "at least one real number" : "at least one real number, int64 or int32"
            );
        if (axes.Length == 0)
            return input;
        int[] order = [.. Enumerable.Range(0, input.Dimensions.Length).Except(axes), .. axes];
        var turned = MovingFolds.Turn(input, order);
        var length = axes.Aggregate(1, (product, axis) => product * input.Dimensions[axis]);
        var count = input.Count / length;
        int[] dimensions =
        [
            .. input
                .Dimensions.Select((extent, axis) => axes.Contains(axis) ? 1 : extent)
                .Where((_, axis) => keeps || !axes.Contains(axis)),
        ];
        if (!input.IsReal)
            return FoldedTensor.Of(
                dimensions,
                [.. Enumerable.Range(0, count).Select(row => integers!(new ArraySegment<long>(turned.Integers, row * length, length)))]
            );
        return FoldedTensor.Of(
            dimensions,
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(row =>
                        (float)reals(new ArraySegment<float>(turned.Reals, row * length, length).Select(value => (double)value))
                    ),
            ]
        );
    }

    // Enumerable.Max passes over NaN, and a NaN among weights must not disappear.
    public static double Largest(IEnumerable<double> values) => values.Aggregate(Math.Max);

    public static double Smallest(IEnumerable<double> values) => values.Aggregate(Math.Min);
}

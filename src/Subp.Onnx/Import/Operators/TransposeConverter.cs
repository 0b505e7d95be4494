namespace Subp.Onnx.Import.Operators;

/// <summary>Transpose of computed values inside of a channel shuffle; weights are transposed at import.</summary>
internal sealed class TransposeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Transpose",
            "parameters, or a part of channel_shuffle",
            "Constants; of computed values, swapped groups of channels between two Reshapes, or axes of extent 1 that move."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var view = node.Input(0, "input") as ViewValue;
        var value = view?.Source ?? node.Value(0);
        long[] split = view?.Split ?? [.. value.Shape.Dimensions.Select(extent => (long)extent)];
        var permutation = Axes.Permutation(node, split.Length);
        int[] combined = view is null ? permutation : [.. permutation.Select(axis => view.Permutation[axis])];
        // Axes of extent 1 may move without any element moving.
        int[] moving = [.. combined.Where(axis => split[axis] != 1)];
        if (combined.SequenceEqual(Enumerable.Range(0, combined.Length)) && split.Length == value.Shape.Rank && view is null)
            node.Define(value);
        else if (moving.SequenceEqual(moving.Order()))
            Reshaping.Convert(node, value, [.. combined.Select(axis => split[axis])]);
        else
            node.Define(new ViewValue(value, split, combined));
    }
}

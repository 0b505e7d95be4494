namespace Subp.Onnx.Import.Operators;

/// <summary>Transpose; weights are transposed at import.</summary>
internal sealed class TransposeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Transpose",
            "parameters, transpose, nothing or reshape where no element moves, or a part of channel_shuffle",
            "Any permutation; up to 8 dimensions of computed values."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var view = node.Input(0, "input") as ViewValue;
        var value = view?.Source ?? node.ValueOfAnyKind(0);
        var split = view?.Split ?? value.Dimensions;
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

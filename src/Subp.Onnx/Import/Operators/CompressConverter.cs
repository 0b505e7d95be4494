using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Compress: what a constant list of truth values chooses along an axis, or of all elements in a row.</summary>
internal sealed class CompressConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Compress", "gather, or slice for neighbours", "A constant condition that chooses something; any axis, or none.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var value = node.ValueOfAnyKind(0);
        if (node.HasInput(1) && !node.IsConstant(1))
            throw node.Unsupported(
                $"the computed value '{node.Node.Input[1]}' as condition",
                "a constant",
                "How much it chooses would be known when the network runs only; multiply by the condition instead."
            );
        var hasAxis = node.Attributes.Any("axis") is not null;
        var axis = hasAxis ? Axes.Normalize(node, node.Attributes.Integer("axis", 0), value.Shape.Rank) : 0;
        if (!hasAxis)
            value = node.EmitIntermediate("row", new Reshape(value.Shape.ElementCount), value);
        long[] condition = node.Constant(1, "condition").ToIntegers();
        if (condition.Length > value.Shape[axis])
            throw node.Unsupported(
                FormattableString.Invariant($"a condition of {condition.Length} elements"),
                FormattableString.Invariant($"at most {value.Shape[axis]}, the extent of the axis")
            );
        int[] places = [.. Enumerable.Range(0, condition.Length).Where(place => condition[place] != 0)];
        if (places.Length == 0)
            throw node.Unsupported("a condition that chooses nothing", "at least one element");
        node.Emit(Indices.Take(value.Shape, axis, places), value);
    }
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>TopK: the places of the best elements, and the elements at them.</summary>
internal sealed class TopKConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "TopK",
            "top_indices and take_elements",
            "A constant K, any axis, sorted or not, which gives the same order; the indices are floats in the graph."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 2);
        // Bytes and what they stand for have the same order, and equal ones are equal.
        var value = node.ValueOfAnyKind(0);
        var compared = value.Kind == ElementKind.Byte ? node.EmitIntermediate("real", new Dequantize(), value) : value;
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", -1), value.Shape.Rank);
        var count = node.InputCount > 1 ? node.Constant(1, "K").ToIntegers().Single() : node.Attributes.Integer("k", 0);
        if (count < 1 || count > value.Shape[axis])
            throw node.Unsupported(
                FormattableString.Invariant($"K = {count}"),
                FormattableString.Invariant($"1 to {value.Shape[axis]}, the elements along axis {axis}")
            );
        var top = new TopIndices
        {
            Axis = axis,
            Count = (int)count,
            IsSmallest = !node.Attributes.Switch("largest", true),
        };
        // In any order would do without it.
        node.Attributes.Switch("sorted", true);
        var places = node.EmitIntermediate("places", top, compared);
        if (node.IsRead(1))
            node.DefineOutput(1, places);
        if (node.IsRead(0))
            node.Emit(new TakeElements { Axis = axis }, value, places);
    }
}

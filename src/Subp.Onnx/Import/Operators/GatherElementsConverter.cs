using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>GatherElements and GatherND; constant indices choose elements of the value laid out as one row.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class GatherElementsConverter(string name) : OperatorConverter
{
    private const string Checked = "computed ones are checked when the network runs, and an axis has at most 2^24.";

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        name == "GatherND"
            ? new(name, "reshape and gather, or take_tuples for computed indices", $"Constant indices with batch_dims 0; {Checked}")
            : new(name, "reshape and gather, or take_elements for computed indices", $"Indices along any axis; {Checked}");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var value = node.ValueOfAnyKind(0, "data");
        if (node.HasInput(1) && !node.IsConstant(1))
        {
            var computed = Indices.Computed(node);
            node.Emit(Computed(node, value, computed), value, computed);
            return;
        }

        var indices = node.Constant(1, "indices");
        int[] strides = new int[value.Shape.Rank];
        var stride = 1;
        for (var axis = strides.Length - 1; axis >= 0; axis--)
            (strides[axis], stride) = (stride, stride * value.Shape[axis]);
        if (name == "GatherND")
            Tuples(node, value, indices, strides);
        else
            Elements(node, value, indices, strides);
    }

    private Operator Computed(NodeContext node, GraphValue value, GraphValue indices)
    {
        if (name == "GatherElements")
            return new TakeElements { Axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), value.Shape.Rank) };
        var batch = node.Attributes.Integer("batch_dims", 0);
        var most = Math.Min(value.Shape.Rank, indices.Shape.Rank) - 1;
        return batch >= 0 && batch <= most
            ? new TakeTuples { BatchDimensions = (int)batch }
            : throw node.Unsupported(FormattableString.Invariant($"batch_dims = {batch}"), FormattableString.Invariant($"0 to {most}"));
    }

    private static void Elements(NodeContext node, GraphValue value, ConstantTensor indices, int[] strides)
    {
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), value.Shape.Rank);
        var extents = indices.Dimensions;
        if (extents.Count != value.Shape.Rank || extents.Where((extent, other) => other != axis && extent > value.Shape[other]).Any())
            throw node.Unsupported($"indices of shape [{string.Join(",", extents)}] for {value.Shape}", "a shape within that of the data");
        var places = Indices.Read(node, indices, value.Shape[axis]);
        for (var index = 0; index < places.Length; index++)
        {
            var (rest, place) = (index, places[index] * strides[axis]);
            for (var other = extents.Count - 1; other >= 0; other--)
            {
                place += other == axis ? 0 : rest % extents[other] * strides[other];
                rest /= extents[other];
            }

            places[index] = place;
        }

        Emit(node, value, places, 1, [.. extents.Select(extent => (long)extent)]);
    }

    private static void Tuples(NodeContext node, GraphValue value, ConstantTensor indices, int[] strides)
    {
        var length = indices.Dimensions.Count == 0 ? 0 : indices.Dimensions[^1];
        if (node.Attributes.Integer("batch_dims", 0) != 0 || length < 1 || length > value.Shape.Rank)
            throw node.Unsupported(
                FormattableString.Invariant($"tuples of {length} indices, or batch_dims"),
                FormattableString.Invariant($"1 to {value.Shape.Rank} indices, batch_dims = 0")
            );
        var given = indices.ToIntegers();
        var places = new int[given.Length / length];
        var inner = strides[length - 1];
        for (var index = 0; index < given.Length; index++)
        {
            var (axis, extent) = (index % length, value.Shape[index % length]);
            var place = given[index] < 0 ? given[index] + extent : given[index];
            if (place < 0 || place >= extent)
                throw node.Unsupported(FormattableString.Invariant($"the index {given[index]}"), "an index of the axis");
            places[index / length] += (int)place * strides[axis] / inner;
        }

        var outer = indices.Dimensions.Take(indices.Dimensions.Count - 1).Select(extent => (long)extent);
        Emit(node, value, places, inner, [.. outer, .. value.Dimensions.Skip(length)]);
    }

    private static void Emit(NodeContext node, GraphValue value, int[] places, int inner, long[] shape)
    {
        const int Most = 1 << 16;
        if (places.Length is 0 or > Most)
            throw node.Unsupported(FormattableString.Invariant($"{places.Length} indices"), FormattableString.Invariant($"1 to {Most}"));
        var rows = node.EmitIntermediate("rows", new Reshape(value.Shape.ElementCount / inner, inner), value);
        var taken = node.EmitIntermediate("taken", Indices.Take(rows.Shape, 0, places), rows);
        Reshaping.Convert(node, taken, shape);
    }
}

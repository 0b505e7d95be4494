using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Gather of one or of neighbouring channels, rows or columns.</summary>
internal sealed class GatherConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Gather", "slice", "Constants; of computed values, ascending neighbouring indices of any axis but the batch, or one index.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var value = node.Value(0, "data");
        var indices = node.Constant(1, "indices");
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), value.Shape.Rank);
        var extent = value.Shape[axis];
        long[] places = [.. indices.ToIntegers().Select(index => index < 0 ? index + extent : index)];
        var isRun = places.Length > 0 && places.Select((place, index) => place == places[0] + index).All(next => next);
        if (axis == 0 || indices.Dimensions.Count > 1 || !isRun || places[0] < 0 || places[^1] >= extent)
            throw node.Unsupported(
                $"the indices [{string.Join(",", places.Take(8))}] of shape [{string.Join(",", indices.Dimensions)}] on axis {axis}",
                FormattableString.Invariant($"one index or neighbouring ones from 0 to {extent - 1}, not of the batch")
            );
        var slice = new Slice
        {
            Axis = axis,
            Begin = (int)places[0],
            End = (int)places[^1] + 1,
        };
        if (indices.Dimensions.Count == 1)
        {
            node.Emit(slice, value);
            return;
        }

        // A single index takes the axis away; the graph keeps it until an Unsqueeze brings it back.
        var taken = node.EmitIntermediate("slice", slice, value);
        Reshaping.Convert(node, taken, [.. taken.Shape.Dimensions.Where((_, other) => other != axis).Select(dimension => (long)dimension)]);
    }
}

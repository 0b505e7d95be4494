using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Slice with constant bounds.</summary>
internal sealed class SliceConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Slice",
            "slice, or nothing where all is taken",
            "Constants; of computed values, constant starts, ends, axes and positive steps, "
                + "along any axes but the batch, which stays whole."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(3, 5);
        var value = node.Value(0, "data");
        var cuts = SliceReader.Read(node, [.. value.Shape.Dimensions.Select(extent => (long)extent)]);
        for (var index = 0; index < cuts.Count; index++)
        {
            var (axis, begin, end, step) = cuts[index];
            if (step < 0)
                throw node.Unsupported(FormattableString.Invariant($"the step {step} on axis {axis}"), "at least 1 for a computed value");
            if (axis == 0)
                throw node.Unsupported("a part of the batch", "the whole batch");
            var slice = new Slice
            {
                Axis = axis,
                Begin = begin,
                End = end,
                Step = step,
            };
            if (index < cuts.Count - 1)
                value = node.EmitIntermediate("slice", slice, value);
            else
                node.Emit(slice, value);
        }

        if (cuts.Count == 0)
            node.Define(value);
    }
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Slice with constant bounds, one axis after the other.</summary>
internal sealed class SliceConverter : OperatorConverter
{
    private const string NoElements =
        "A value without elements cannot be computed: correct the bounds, or the extents that they follow from (--dim), or cut the "
        + "network in front of the node with --outputs NAME.";

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Slice",
            "slice, or nothing where all is taken",
            "Constant starts, ends, axes and steps, also negative ones, as inputs or attributes."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var value = node.ValueOfAnyKind(0, "data");
        var cuts = SliceReader.Read(node, value.Dimensions);
        for (var index = 0; index < cuts.Count; index++)
        {
            var (axis, begin, end, step) = cuts[index];
            if (step > 0 ? begin >= end : begin <= end)
                throw node.Unsupported(FormattableString.Invariant($"no element of axis {axis}"), "at least one element", NoElements);
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

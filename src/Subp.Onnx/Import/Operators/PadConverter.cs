using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Pad of any axes; negative pads are slices.</summary>
internal sealed class PadConverter : OperatorConverter
{
    private const int PadsInputOpset = 11;

    private const int LargestPad = 1 << 20;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Pad",
            "pad, slice for negative pads, or nothing where all pads are 0",
            "Modes constant, reflect, edge and wrap; any axes; pads as attribute or constant inputs with value and axes."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var isInput = node.Opset >= PadsInputOpset;
        node.RequireInputs(1, isInput ? 4 : 1);
        var input = node.ValueOfAnyKind(0);
        var rank = input.Shape.Rank;
        var word = node.Attributes.Text("mode", "constant");
        PadMode mode = word switch
        {
            "constant" => PadMode.Constant,
            "reflect" => PadMode.Reflect,
            "edge" => PadMode.Edge,
            "wrap" => PadMode.Wrap,
            _ => throw node.Attributes.Invalid($"mode = '{word}'", "constant, reflect, edge or wrap"),
        };
        var (before, after) = Read(node, isInput, rank);
        var value = isInput ? Value(node, input) : node.Attributes.Real("value", 0);
        for (var axis = 0; axis < rank; axis++)
        {
            if (before[axis] < 0 || after[axis] < 0)
                input = Cut(node, input, axis, before, after);
        }

        if (before.Concat(after).All(amount => amount == 0))
        {
            node.Define(input);
            return;
        }

        // Rows and columns around an image are the usual case and have kernels of their own.
        var first = input.Shape.IsImage && before[0] + before[1] + after[0] + after[1] == 0 ? 2 : 0;
        node.Emit(
            new Pad
            {
                Pads = before.Skip(first).Concat(after.Skip(first)).ToArray(),
                Mode = mode,
                Value = mode == PadMode.Constant ? value : 0,
            },
            input
        );
    }

    private static (int[] Before, int[] After) Read(NodeContext node, bool isInput, int rank)
    {
        var pads =
            (isInput ? node.Constant(1, "pads").ToIntegers() : node.Attributes.LongIntegers(node.Opset > 1 ? "pads" : "paddings"))
            ?? throw node.Attributes.Invalid("no pads", "pads");
        var axes = node.OptionalConstant(3, "axes")?.ToIntegers() ?? [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        if (pads.Length != axes.Length * 2 || axes.Length > rank)
            throw node.Unsupported(FormattableString.Invariant($"{pads.Length} pads for {axes.Length} axes"), "two pads per axis");
        if (pads.Any(pad => pad is < -LargestPad or > LargestPad))
            throw node.Unsupported($"the pads [{string.Join(",", pads)}]", FormattableString.Invariant($"{-LargestPad} to {LargestPad}"));
        var (before, after) = (new int[rank], new int[rank]);
        for (var index = 0; index < axes.Length; index++)
        {
            var axis = Axes.Normalize(node, axes[index], rank);
            (before[axis], after[axis]) = ((int)pads[index], (int)pads[axes.Length + index]);
        }

        return (before, after);
    }

    private static float Value(NodeContext node, GraphValue input)
    {
        var number = node.OptionalConstant(2, "value") is { } value ? value.ToNumbers()[0] : 0;
        if (input.Kind != ElementKind.Byte)
            return number;
        // The file names a byte, also where it names none, and the graph the number that the byte stands for.
        var place = (int)number + (input.IsSigned ? QuantizationReader.SignedOffset : 0);
        return IntegerLayer.Dequantize(place, node.QuantizationOf(input));
    }

    private static GraphValue Cut(NodeContext node, GraphValue input, int axis, int[] before, int[] after)
    {
        var (begin, end) = (Math.Max(0, -before[axis]), input.Shape[axis] - Math.Max(0, -after[axis]));
        if (begin >= end)
            throw node.Unsupported($"pads that leave nothing of {input.Shape}", "at least one element");
        (before[axis], after[axis]) = (Math.Max(0, before[axis]), Math.Max(0, after[axis]));
        var slice = new Slice
        {
            Axis = axis,
            Begin = begin,
            End = end,
        };
        return node.EmitIntermediate("cut", slice, input);
    }
}

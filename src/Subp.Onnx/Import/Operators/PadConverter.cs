using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Pad with a constant.</summary>
internal sealed class PadConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Pad",
            "pad, or nothing where all pads are 0",
            "mode constant; pads of rows and columns of at least 0, as attribute or constant inputs with value and axes."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, node.Opset >= PadsInputOpset ? 4 : 1);
        var image = node.Image(0);
        var mode = node.Attributes.Text("mode", "constant");
        if (mode != "constant")
            throw node.Unsupported($"the mode '{mode}'", "constant");
        var isInput = node.Opset >= PadsInputOpset;
        var pads =
            (isInput ? node.Constant(1, "pads").ToIntegers() : node.Attributes.Integers("pads")?.Select(pad => (long)pad).ToArray())
            ?? throw node.Attributes.Invalid("no pads", "pads");
        var value = isInput ? node.OptionalConstant(2, "value")?.ToScalar() ?? 0 : node.Attributes.Real("value", 0);
        var axes = node.OptionalConstant(3, "axes")?.ToIntegers() ?? [0, 1, 2, 3];
        if (pads.Length != axes.Length * 2 || axes.Length > 4)
            throw node.Unsupported(FormattableString.Invariant($"{pads.Length} pads for {axes.Length} axes"), "two pads per axis");
        if (pads.Any(pad => pad is < 0 or > LargestPad))
            throw node.Unsupported($"the pads [{string.Join(",", pads)}]", FormattableString.Invariant($"0 to {LargestPad}"));
        var (before, after) = (new int[4], new int[4]);
        for (var index = 0; index < axes.Length; index++)
        {
            var axis = Axes.Normalize(node, axes[index], rank: 4);
            (before[axis], after[axis]) = ((int)pads[index], (int)pads[axes.Length + index]);
        }

        if (before[0] + before[1] + after[0] + after[1] > 0)
            throw node.Unsupported("a padding of batch or channels", "rows and columns");
        var padding = new Padding(before[2], before[3], after[2], after[3]);
        if (padding == Padding.None)
            node.Define(image);
        else
            node.Emit(new Pad { Padding = padding, Value = value }, image);
    }

    private const int PadsInputOpset = 11;

    private const int LargestPad = 1 << 20;
}

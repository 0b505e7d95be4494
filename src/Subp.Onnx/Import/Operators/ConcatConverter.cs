using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Concat of computed values and constants.</summary>
internal sealed class ConcatConverter : OperatorConverter
{
    // Before, the channels were meant where no axis was given.
    private const int AxisOpset = 4;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Concat", "concat", "Any axis; computed values and constants; quantised bytes of one scale.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        if (node.InputCount == 0)
            node.RequireInputs(1, int.MaxValue);
        // An empty constant has no elements to join; exporters write some.
        GraphValue[] parts =
        [
            .. Enumerable
                .Range(0, node.InputCount)
                .Where(index => !(node.Input(index, "operand") is ConstantValue { Tensor.Count: 0 }))
                .Select(index => node.ValueOfAnyKind(index, "operand")),
        ];
        var given =
            node.Opset >= AxisOpset && node.Attributes.Any("axis") is null
                ? throw node.Attributes.Invalid("no axis", "axis")
                : node.Attributes.Integer("axis", 1);
        if (parts.Length == 0)
            throw node.Unsupported("empty constants", "at least one element");
        var axis = Axes.Normalize(node, given, parts[0].Shape.Rank);
        if (parts.Length == 1)
            node.Define(parts[0]);
        else if (Array.Find(parts, part => part.Kind == ElementKind.Byte) is { } bytes)
            Join(node, axis, parts, bytes);
        else
            node.Emit(new Concat { Axis = axis }, parts);
    }

    // What bytes of one quantisation stand for is joined; of that they are made again.
    private static void Join(NodeContext node, int axis, GraphValue[] parts, GraphValue bytes)
    {
        var quantization = node.QuantizationOf(bytes);
        node.EmitBytes(quantization, bytes.IsSigned, node.EmitIntermediate("joint", new Concat { Axis = axis }, [.. parts.Select(Real)]));

        GraphValue Real(GraphValue part, int index) =>
            node.EmitIntermediate(FormattableString.Invariant($"part{index}"), new Dequantize(), Bytes(part, index));

        GraphValue Bytes(GraphValue part, int index) =>
            part.Constant is { Kind: ElementKind.Integer } constant
                ? node.ConstantBytes(
                    FormattableString.Invariant($"constant{index}"),
                    constant,
                    quantization,
                    bytes.IsSigned,
                    constant.Shape
                )
            : part.Kind == ElementKind.Byte && part.IsSigned == bytes.IsSigned && node.QuantizationOf(part) == quantization ? part
            : throw node.Unsupported(
                part.Kind == ElementKind.Byte
                    ? $"bytes of {node.QuantizationOf(part)} beside some of {quantization}"
                    : "numbers beside bytes",
                "bytes of one scale and one zero point",
                "Use QLinearConcat, or join what DequantizeLinear makes of the bytes."
            );
    }
}

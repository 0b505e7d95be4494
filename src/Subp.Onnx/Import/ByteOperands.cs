using Subp.Core.Operators;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import;

/// <summary>
/// Operands of operators that return some of their elements. Where all are bytes of one scale and one zero point, so is the result. What
/// an operator that compares or chooses makes of bytes is what it makes of the numbers that they stand for, since a scale is above 0.
/// </summary>
internal static class ByteOperands
{
    /// <summary>The first operand that is quantised bytes, or null where none is.</summary>
    public static GraphValue? Find(IEnumerable<GraphValue> operands) =>
        operands.FirstOrDefault(operand => operand.Kind == ElementKind.Byte);

    /// <summary>Emits an operator of the numbers that operands stand for, and the bytes of its result.</summary>
    /// <param name="node">The node.</param>
    /// <param name="bytes">The operand whose quantisation all of them have to have.</param>
    /// <param name="operands">The operands, bytes that the network computes or constants.</param>
    /// <param name="combine">Makes the result of the numbers of the operands.</param>
    /// <param name="advice">What to do where an operand is something else.</param>
    /// <exception cref="Core.Diagnostics.SubpException">An operand is of other bytes, or of numbers.</exception>
    public static void Emit(
        NodeContext node,
        GraphValue bytes,
        IReadOnlyList<GraphValue> operands,
        Func<GraphValue[], GraphValue> combine,
        string advice
    )
    {
        GraphValue[] numbers =
        [
            .. operands.Select(
                (operand, index) =>
                    node.EmitIntermediate(
                        FormattableString.Invariant($"part{index}"),
                        new Dequantize(),
                        Bytes(node, bytes, operand, FormattableString.Invariant($"constant{index}"), advice)
                    )
            ),
        ];
        node.EmitBytes(node.QuantizationOf(bytes), bytes.IsSigned, combine(numbers));
    }

    private static GraphValue Bytes(NodeContext node, GraphValue bytes, GraphValue operand, string suffix, string advice)
    {
        var quantization = node.QuantizationOf(bytes);
        if (operand.Kind == ElementKind.Byte && operand.IsSigned == bytes.IsSigned && node.QuantizationOf(operand) == quantization)
            return operand;
        if (operand.Constant is { } constant && constant.Type == (bytes.IsSigned ? DataType.Int8 : DataType.Uint8))
            return node.ConstantBytes(suffix, constant, quantization, bytes.IsSigned, constant.Shape);
        throw node.Unsupported(
            operand.Kind == ElementKind.Byte ? $"bytes of {node.QuantizationOf(operand)} beside some of {quantization}"
                : operand.Constant is { } other ? $"a constant of type {other.Type} beside bytes"
                : "numbers beside bytes",
            "bytes of one scale and one zero point",
            advice
        );
    }
}

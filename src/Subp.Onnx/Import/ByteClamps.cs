using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Clip and Relu of quantised bytes, as training with fewer bytes than there are writes them: a clamp of the numbers that the bytes stand
/// for, of which <see cref="IntegerFusion"/> makes bounds of the layer before or a clamp of bytes.
/// </summary>
internal static class ByteClamps
{
    /// <summary>Adds the clamp as the node of the first output.</summary>
    /// <param name="node">The node.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="least">The smallest byte, as the file has bytes; or null.</param>
    /// <param name="most">The largest byte, as the file has bytes; or null. It wins over a smallest one above it.</param>
    public static void Emit(NodeContext node, GraphValue bytes, long? least, long? most)
    {
        var quantization = node.QuantizationOf(bytes);
        var offset = bytes.IsSigned ? QuantizationReader.SignedOffset : 0;
        var high = Math.Clamp((most ?? byte.MaxValue) + offset, byte.MinValue, byte.MaxValue);
        var low = Math.Min(Math.Clamp((least ?? sbyte.MinValue) + offset, byte.MinValue, byte.MaxValue), high);
        if (low == byte.MinValue && high == byte.MaxValue)
        {
            node.Define(bytes);
            return;
        }

        var clamp = new Activation(
            low == byte.MinValue ? float.NegativeInfinity : IntegerLayer.Dequantize((int)low, quantization),
            high == byte.MaxValue ? float.PositiveInfinity : IntegerLayer.Dequantize((int)high, quantization)
        );
        var real = node.EmitIntermediate("real", new Dequantize(), bytes);
        node.EmitBytes(quantization, bytes.IsSigned, node.EmitIntermediate("clamped", new Activate(clamp), real));
    }
}

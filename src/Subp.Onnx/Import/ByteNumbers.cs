using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Quantised bytes as the integers that they are in the file, whatever they stand for: what a Cast makes of them, and a comparison reads.
/// </summary>
internal static class ByteNumbers
{
    /// <summary>Adds what makes the integers of bytes, signed ones where the file has signed bytes.</summary>
    public static GraphValue Of(NodeContext node, GraphValue bytes)
    {
        var quantization = node.QuantizationOf(bytes);
        var number = node.EmitIntermediate("real", new Dequantize(), bytes);
        if (quantization.Scale != 1)
        {
            // The product of a step and the scale is rounded, and so is the quotient: the step is the nearest integer.
            var scale = node.ComputedConstant("scale", new TensorShape(1), quantization.Scale);
            number = node.EmitIntermediate("quotient", new Binary { Kind = BinaryKind.Divide }, number, scale);
            number = node.EmitIntermediate("steps", new Activate(Activation.Of(ActivationKind.Round)), number);
        }

        var zero = quantization.ZeroPoint - (bytes.IsSigned ? QuantizationReader.SignedOffset : 0);
        if (zero != 0)
            number = node.EmitIntermediate("number", new Add(), number, node.ComputedConstant("zero", new TensorShape(1), zero));
        return number with { Kind = ElementKind.Integer };
    }
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// ConvInteger and MatMulInteger of the whole numbers that DynamicQuantizeLinear makes, of an input of bytes, or of the bytes of a
/// QuantizeLinear, of which they become layers on bytes. Sums are those of floats: exact up to 2^24, and rounded to 24 bits beyond.
/// </summary>
/// <param name="isConvolution">Whether it is ConvInteger.</param>
internal sealed class IntegerProductConverter(bool isConvolution) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            isConvolution ? "ConvInteger" : "MatMulInteger",
            isConvolution ? "conv2d, behind sub on floats" : "linear, behind sub on floats",
            "Constant weight of one zero point or one for each output, and one zero point of the other operand. Of what "
                + "DynamicQuantizeLinear gives on floats; of the bytes of QuantizeLinear and their zero point a layer on bytes."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 4);
        var (value, scale) =
            node.ValueOfAnyKind(0) is { Kind: ElementKind.Byte } bytes && IsZeroOf(node, bytes)
                ? (node.EmitIntermediate("real", new Dequantize(), bytes), Inverse(node.QuantizationOf(bytes).Scale))
                : (AroundZero(node), 1);
        var weight = DequantizedConstants.Weight(node, 1, [scale], 3, axis: isConvolution ? 0 : 1);
        if (!isConvolution)
        {
            var (matrix, _) = LinearWeight.Declare(node, weight, isTransposed: false, factor: 1);
            node.EmitAs(ElementKind.Integer, new Linear { Weight = matrix }, value);
            return;
        }

        if (!value.Shape.IsImage || weight.Dimensions.Count != 4)
            throw node.Unsupported($"an input of shape {value.Shape}", "an image [batch,channels,height,width]");
        _ = WindowReader.Kernel(node, 2);
        node.EmitAs(
            ElementKind.Integer,
            new Conv2d
            {
                Weight = KernelWeight.Declare(node, weight),
                Window = WindowReader.Read(node, new Extent(weight.Shape[2], weight.Shape[3]), value.Shape, 2),
                Groups = node.Attributes.Integer("group", 1, minimum: 1),
            },
            value
        );
    }

    // Whether the zero point is the one that the bytes were made with, so that differences from it are what the bytes stand for, in steps.
    private static bool IsZeroOf(NodeContext node, GraphValue bytes)
    {
        if (node.HasInput(2) && !node.IsConstant(2))
            return false;
        var zeros = node.OptionalConstant(2, "zero point")?.ToIntegers() ?? [0];
        var offset = bytes.IsSigned ? QuantizationReader.SignedOffset : 0;
        return zeros.Length == 1 && zeros[0] + offset == node.QuantizationOf(bytes).ZeroPoint;
    }

    // Steps are what bytes stand for divided by the scale: the weight that is multiplied with these is divided by it, too. Of the
    // neighbours of the quotient the one whose product with the scale is exactly 1 leaves sums the integers that they are.
    private static float Inverse(float scale)
    {
        var inverse = 1 / scale;
        return new[] { inverse, MathF.BitDecrement(inverse), MathF.BitIncrement(inverse) }.MinBy(candidate =>
            Math.Abs((float)(candidate * scale) - 1)
        );
    }

    private static GraphValue AroundZero(NodeContext node)
    {
        var value = node.Number(0);
        if (!node.HasInput(2))
            return value;
        var zero = node.ValueOfAnyKind(2, "zero point");
        if (zero.Shape.ElementCount != 1)
            throw node.Unsupported($"zero points of shape {zero.Shape}", "one zero point for the whole operand");
        return node.EmitIntermediate("around_zero", new Binary { Kind = BinaryKind.Subtract }, value, zero);
    }
}

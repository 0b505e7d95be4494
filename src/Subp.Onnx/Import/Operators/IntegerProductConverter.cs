using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// ConvInteger and MatMulInteger of the whole numbers that DynamicQuantizeLinear makes, or of an input of bytes. Sums are those of floats:
/// exact up to 2^24, and rounded to 24 bits beyond.
/// </summary>
/// <param name="isConvolution">Whether it is ConvInteger.</param>
internal sealed class IntegerProductConverter(bool isConvolution) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            isConvolution ? "ConvInteger" : "MatMulInteger",
            isConvolution ? "sub and conv2d, on floats" : "sub and linear, on floats",
            "Of what DynamicQuantizeLinear or an input of bytes gives; constant weight of one zero point or one for each output, and one "
                + "zero point of the other operand. For layers on bytes use QLinear operators or QDQ."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 4);
        var value = node.ValueOfAnyKind(0);
        if (value.Kind == ElementKind.Byte)
            throw node.Unsupported(
                "the bytes of a QuantizeLinear",
                "what DynamicQuantizeLinear or an input of the network gives",
                "Dequantise and multiply (QDQ), or write a QLinear operator, which becomes a layer on bytes."
            );
        if (node.HasInput(2))
        {
            var zero = node.ValueOfAnyKind(2, "zero point");
            if (zero.Shape.ElementCount != 1)
                throw node.Unsupported($"zero points of shape {zero.Shape}", "one zero point for the whole operand");
            value = node.EmitIntermediate("around_zero", new Binary { Kind = BinaryKind.Subtract }, value, zero);
        }

        var weight = DequantizedConstants.Weight(node, 1, [1], 3, axis: isConvolution ? 0 : 1);
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
}

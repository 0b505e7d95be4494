using Subp.Core.Graphs;
using Subp.Core.Operators;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// Operators that name the quantisation of all their operands: they become what they stand for, the operator on floats between
/// dequantisation and quantisation, of which <see cref="IntegerFusion"/> makes an integer layer again.
/// </summary>
/// <param name="name">The name of the operator.</param>
internal sealed class QLinearConverter(string name) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            name,
            name == "QGemm" ? "Gemm on bytes, to bytes or floats" : "the operator without QLinear, on bytes",
            name is "QLinearConv" or "QLinearMatMul"
                    ? "Constant weight of one scale or one for each output; every other value has one scale."
                        + (name == "QLinearMatMul" ? " The product of two computed values is one of floats." : "")
                : name == "QGemm"
                    ? "Of the domain com.microsoft; constant B of one scale or one for each output, alpha 1, A not transposed."
                : "Of the domain com.microsoft; every value has one scale."
        );

    private const int GemmScale = 7;

    /// <summary>Whether the operator is one of ONNX Runtime and not of the standard.</summary>
    public bool IsMicrosoft => name is not ("QLinearConv" or "QLinearMatMul");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        if (name == "QGemm" && !node.HasInput(GemmScale))
        {
            // Without a scale of the result it is floats.
            var (linear, input) = Gemm(node);
            node.Emit(linear, input);
            return;
        }

        var (result, scale) = name switch
        {
            "QLinearConv" => (Convolution(node), 6),
            "QLinearMatMul" => (Product(node), 6),
            "QGemm" => (Layer(node), GemmScale),
            "QLinearAdd" => (node.EmitIntermediate("sum", new Add(), Operands(node)), 6),
            "QLinearMul" => (node.EmitIntermediate("product", new Mul(), Operands(node)), 6),
            "QLinearGlobalAveragePool" => (Mean(node), 3),
            "QLinearAveragePool" => (Pool(node), 3),
            "QLinearSigmoid" => (node.EmitIntermediate("real", Activate.Sigmoid, Real(node, 0)), 3),
            "QLinearLeakyRelu" => (Leaky(node), 3),
            "QLinearWhere" => (Choice(node), 7),
            _ => (Joint(node), 0),
        };
        // A result without a zero point is of the type of the operands.
        var (quantization, isSigned) = QuantizationReader.Read(node, scale, scale + 1, IsSigned(node, FirstOperand));
        node.EmitBytes(quantization, isSigned, result);
    }

    private int FirstOperand =>
        name switch
        {
            "QLinearConcat" => 2,
            "QLinearWhere" => 1,
            _ => 0,
        };

    private static bool IsSigned(NodeContext node, int index) =>
        node.IsConstant(index) ? node.Constant(index, "operand").Type == DataType.Int8 : node.ValueOfAnyKind(index).IsSigned;

    private static GraphValue Real(NodeContext node, int index) => Real(node, index, node.Bytes(index, index + 1, index + 2));

    private static GraphValue Real(NodeContext node, int index, GraphValue bytes) =>
        node.EmitIntermediate(FormattableString.Invariant($"operand{index}"), new Dequantize(), bytes);

    // Of a sum or product one may be a constant.
    private static GraphValue[] Operands(NodeContext node)
    {
        node.RequireInputs(7, 8);
        return [Operand(0, 3), Operand(3, 0)];

        GraphValue Operand(int index, int other) =>
            !node.IsConstant(index) || node.IsConstant(other)
                ? Real(node, index)
                : Real(node, index, node.ConstantBytes(index, index + 1, index + 2, Beside(node, index, node.ValueOfAnyKind(other).Shape)));
    }

    // One number, or one for each channel, beside images has the shape that their sums and products on bytes take.
    private static TensorShape Beside(NodeContext node, int index, TensorShape other)
    {
        var constant = node.Constant(index, "operand").Shape;
        if (constant.Rank > other.Rank)
            return constant;
        if (constant.ElementCount == 1)
            return other.IsImage ? new TensorShape(other.Batch, other.Channels, 1, 1) : other;
        return new TensorShape([.. Enumerable.Repeat(1, other.Rank - constant.Rank), .. constant.Dimensions]);
    }

    private static GraphValue Convolution(NodeContext node)
    {
        node.RequireInputs(8, 9);
        var image = Real(node, 0);
        var weight = DequantizedConstants.Weight(node, 3, 4, 5, axis: 0);
        if (!image.Shape.IsImage || weight.Dimensions.Count != 4)
            throw node.Unsupported($"an input of shape {image.Shape}", "an image [batch,channels,height,width]");
        var kernel = new Extent(weight.Shape[2], weight.Shape[3]);
        _ = WindowReader.Kernel(node, 2);
        return node.EmitIntermediate(
            "conv",
            new Conv2d
            {
                Weight = KernelWeight.Declare(node, weight),
                Bias = DequantizedConstants.Bias(node, 8, 1, 4, weight.Shape[0]),
                Window = WindowReader.Read(node, kernel, image.Shape, 2),
                Groups = node.Attributes.Integer("group", 1, minimum: 1),
            },
            image
        );
    }

    private static GraphValue Product(NodeContext node)
    {
        node.RequireInputs(8, 8);
        if (!node.IsConstant(3))
            return node.EmitIntermediate("product", new MatMul(), Real(node, 0), Real(node, 3));
        var matrix = DequantizedConstants.Weight(node, 3, 4, 5, axis: 1);
        var (weight, _) = LinearWeight.Declare(node, matrix, isTransposed: false, factor: 1);
        return node.EmitIntermediate("linear", new Linear { Weight = weight }, Real(node, 0));
    }

    private static GraphValue Layer(NodeContext node)
    {
        var (linear, input) = Gemm(node);
        return node.EmitIntermediate("linear", linear, input);
    }

    private static (Linear Layer, GraphValue Input) Gemm(NodeContext node)
    {
        node.RequireInputs(6, 9);
        // The scale of the summand would be another one.
        if (node.Attributes.Real("alpha", 1) is var alpha && alpha != 1)
            throw node.Unsupported(FormattableString.Invariant($"alpha = {alpha}"), "alpha = 1");
        if (node.Attributes.Switch("transA", false))
            throw node.Unsupported("transA = 1", "rows of features");
        var isTransposed = node.Attributes.Switch("transB", false);
        var matrix = DequantizedConstants.Weight(node, 3, 4, 5, axis: isTransposed ? 0 : 1);
        var (weight, features) = LinearWeight.Declare(node, matrix, isTransposed, factor: 1);
        return (new Linear { Weight = weight, Bias = DequantizedConstants.Bias(node, 6, 1, 4, features) }, Real(node, 0));
    }

    private static GraphValue Mean(NodeContext node)
    {
        if (node.Attributes.Integer("channels_last", 0, 0, 1) != 0)
            throw node.Unsupported("channels_last = 1", "images [batch,channels,height,width]");
        return node.EmitIntermediate("mean", new GlobalAveragePool(), Real(node, 0));
    }

    private static GraphValue Pool(NodeContext node)
    {
        if (node.Attributes.Integer("channels_last", 0, 0, 1) != 0)
            throw node.Unsupported("channels_last = 1", "images [batch,channels,height,width]");
        var image = Real(node, 0);
        if (!image.Shape.IsImage)
            throw node.Unsupported($"an input of shape {image.Shape}", "an image [batch,channels,height,width]");
        var pool = AveragePoolConverter.Read(node, image.Shape, 2);
        return pool.Window.Dilation == Extent.One
            ? node.EmitIntermediate("mean", pool, image)
            : throw node.Unsupported("dilations", "windows without gaps");
    }

    private static GraphValue Leaky(NodeContext node) =>
        node.EmitIntermediate(
            "real",
            new Activate(Activation.Of(ActivationKind.LeakyRelu, node.Attributes.Real("alpha", 0.01f))),
            Real(node, 0)
        );

    private static GraphValue Choice(NodeContext node)
    {
        node.RequireInputs(8, 9);
        return node.EmitIntermediate("chosen", new Where(), node.ValueOfAnyKind(0, "condition"), Part(node, 1), Part(node, 4));
    }

    private static GraphValue Joint(NodeContext node)
    {
        const int Parts = 3;
        if (node.InputCount < 2 + (2 * Parts) || (node.InputCount - 2) % Parts != 0)
            throw node.Unsupported(
                FormattableString.Invariant($"{node.InputCount} inputs"),
                "two, and three for each of at least two parts"
            );
        GraphValue[] parts = [.. Enumerable.Range(0, (node.InputCount - 2) / Parts).Select(part => Part(node, 2 + (Parts * part)))];
        var axis = node.Attributes.Integer("axis", 1, int.MinValue);
        return node.EmitIntermediate("joint", new Concat { Axis = axis < 0 ? axis + parts[0].Shape.Rank : axis }, parts);
    }

    private static GraphValue Part(NodeContext node, int index) =>
        node.IsConstant(index)
            ? Real(node, index, node.ConstantBytes(index, index + 1, index + 2, node.Constant(index, "part").Shape))
            : Real(node, index);
}

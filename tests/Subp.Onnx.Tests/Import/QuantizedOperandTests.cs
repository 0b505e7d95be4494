using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Onnx.Protos;
using Xunit;
using AttributeType = Subp.Onnx.Protos.AttributeProto.Types.AttributeType;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>How files say of a value with which scale and zero point its bytes were made.</summary>
public class QuantizedOperandTests
{
    [Theory]
    [InlineData(true, 128)]
    [InlineData(false, 0)]
    public void Without_a_zero_point_bytes_are_of_the_type_of_the_value(bool isSigned, int zero)
    {
        var file = OnnxFile.Create([1, 4]).Constant("s", [], 0.1f).Bytes("z", Type(isSigned), [], 0);
        var model = file.Node("QuantizeLinear", "x s z", "q").Node("DequantizeLinear", "q s", "y").Import();
        Assert.Equal(new TensorType(new Quantization(0.1f, zero)), model.Graph.Nodes[0].Type);
        Assert.Equal(["quantize", "dequantize"], Mnemonics(model));
    }

    [Theory]
    [InlineData(true, 128)]
    [InlineData(false, 0)]
    public void An_input_of_bytes_has_the_scale_of_a_reader_without_a_zero_point(bool isSigned, int zero)
    {
        var model = ByteInput(Type(isSigned)).Constant("s", [], 0.1f).Node("DequantizeLinear", "x s", "y").Import();
        Assert.Equal(new TensorType(new Quantization(0.1f, zero)), model.Graph.Inputs[0].Type);
        Assert.Equal(["dequantize"], Mnemonics(model));
    }

    [Theory]
    [InlineData(true, 128)]
    [InlineData(false, 0)]
    public void Operators_of_bytes_without_zero_points_take_the_type_of_their_operands(bool isSigned, int zero)
    {
        var file = OnnxFile.Create([1, 4]).Constant("s", [], 0.1f).Bytes("z", Type(isSigned), [], 0).Node("QuantizeLinear", "x s z", "q");
        file.Microsoft("QLinearAdd", "q s - q s - s", "sum").Microsoft("QLinearSigmoid", "sum s - s", "table");
        file.Microsoft("QLinearLeakyRelu", "table s - s", "leaky").Microsoft("QLinearMul", "leaky s - leaky s - s", "product");
        var model = file.Node("DequantizeLinear", "product s z", "y").Import();
        Assert.Equal(["quantize", "add", "sigmoid", "leaky_relu", "mul", "dequantize"], Mnemonics(model));
        Assert.All(model.Graph.Nodes.SkipLast(1), node => Assert.Equal(new TensorType(new Quantization(0.1f, zero)), node.Type));
    }

    [Theory]
    [InlineData("DequantizeLinear")]
    [InlineData("QLinearConv")]
    public void Scale_and_zero_point_may_be_constants_that_nodes_make(string reader)
    {
        // As PyTorch writes them, the second by way of a conversion.
        var file = ByteInput(DataType.Uint8, 1, 2, 2, 2).Constant("half", [], 0.5f);
        file.Node("Constant", "", "s64", Value(new TensorProto { DataType = (int)DataType.Double, DoubleData = { 0.5 } }));
        file.Node("Constant", "", "z", Value(new TensorProto { DataType = (int)DataType.Uint8, Int32Data = { 7 } }));
        file.Node("Cast", "s64", "s", OnnxFile.Integer("to", (int)DataType.Float));
        if (reader == "QLinearConv")
            file.Bytes("w", DataType.Int8, [1, 2, 1, 1], 3, -4)
                .Bytes("wz", DataType.Int8, [], 0)
                .Node("QLinearConv", "x s z w half wz s z", "bytes")
                .Node("DequantizeLinear", "bytes s z", "y");
        else
            file.Node("DequantizeLinear", "x s z", "y");
        var model = file.Import();
        Assert.Equal(new TensorType(new Quantization(0.5f, 7)), model.Graph.Inputs[0].Type);
        Assert.Equal(reader == "QLinearConv" ? ["conv2d", "dequantize"] : ["dequantize"], Mnemonics(model));
    }

    private static DataType Type(bool isSigned) => isSigned ? DataType.Int8 : DataType.Uint8;

    private static string[] Mnemonics(Model model) => [.. model.Graph.Nodes.Select(node => node.Operator.Mnemonic)];

    private static OnnxFile ByteInput(DataType type, params int[] shape)
    {
        var file = OnnxFile.Create(shape.Length == 0 ? [1, 4] : shape);
        file.Graph.Input[0].Type.TensorType.ElemType = (int)type;
        return file;
    }

    private static AttributeProto Value(TensorProto tensor) =>
        new()
        {
            Name = "value",
            Type = AttributeType.Tensor,
            T = tensor,
        };
}

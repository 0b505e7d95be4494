using Subp.Core.Graphs;
using Subp.Core.Weights;
using Xunit;
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

    private static DataType Type(bool isSigned) => isSigned ? DataType.Int8 : DataType.Uint8;

    private static string[] Mnemonics(Model model) => [.. model.Graph.Nodes.Select(node => node.Operator.Mnemonic)];

    private static OnnxFile ByteInput(DataType type, params int[] shape)
    {
        var file = OnnxFile.Create(shape.Length == 0 ? [1, 4] : shape);
        file.Graph.Input[0].Type.TensorType.ElemType = (int)type;
        return file;
    }
}

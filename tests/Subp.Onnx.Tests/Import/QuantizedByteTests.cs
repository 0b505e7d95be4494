using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Onnx.Protos;
using Subp.Onnx.Tests.Conformance;
using Xunit;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>Operators that stand between QuantizeLinear and DequantizeLinear read the bytes themselves.</summary>
public class QuantizedByteTests
{
    private const float Scale = 0.25f;

    [Theory]
    [InlineData(false, null)]
    [InlineData(false, 0)]
    [InlineData(false, 12)]
    [InlineData(false, 200)]
    [InlineData(true, null)]
    [InlineData(true, 0)]
    [InlineData(true, 12)]
    [InlineData(true, -128)]
    public void A_pad_of_bytes_adds_the_byte_that_it_names_and_else_the_byte_0(bool isSigned, int? value)
    {
        var file = Stem([1, 1, 2, 2], isSigned).Integers("pads", 0, 0, 1, 0, 0, 0, 0, 0);
        if (value is { } given)
            file.Bytes("value", Type(isSigned), [], given);
        file.Node("Pad", value is null ? "q pads" : "q pads value", "p").Node("DequantizeLinear", "p s z", "y");
        var around = ((value ?? 0) - 12) * Scale;
        Check(file.Import(), [1, -2, 3, 0.5f], [around, around, 1, -2, 3, 0.5f]);
    }

    [Theory]
    [InlineData("float", false)]
    [InlineData("float", true)]
    [InlineData("int32", false)]
    [InlineData("int32", true)]
    public void A_cast_of_bytes_makes_the_integers_that_they_are(string type, bool isSigned)
    {
        var target = type == "float" ? DataType.Float : DataType.Int32;
        var file = Stem([1, 4], isSigned).Node("Cast", "q", "i", OnnxFile.Integer("to", (int)target));
        file.Node("Cast", "i", "y", OnnxFile.Integer("to", (int)DataType.Float));
        Check(file.Import(), [1, -2, 3, 100], [16, 4, 24, isSigned ? 127 : 255]);
    }

    [Fact]
    public void A_cast_to_integers_does_not_change_what_a_dequantisation_of_the_same_bytes_gives()
    {
        var file = Stem([1, 4], isSigned: true).Node("Cast", "q", "i", OnnxFile.Integer("to", (int)DataType.Float));
        file.Node("DequantizeLinear", "q s z", "r").Node("Sub", "i r", "y");
        Check(file.Import(), [1, -2, 3, 0], [15, 6, 21, 12]);
    }

    [Theory]
    [InlineData(false, 255)]
    [InlineData(true, 127)]
    public void A_cast_of_every_byte_is_exact(bool isSigned, int last)
    {
        var file = OnnxFile.Create([1, 256]).Constant("s", [], 0.0237f).Bytes("z", Type(isSigned), [], 101);
        file.Graph.Input[0].Type.TensorType.ElemType = (int)Type(isSigned);
        file.Node("DequantizeLinear", "x s z", "r").Node("Cast", "x", "y", OnnxFile.Integer("to", (int)DataType.Int32));
        file.Graph.Output.Add(new ValueInfoProto { Name = "r" });
        var model = file.Import();
        var found = new ReferenceInterpreter(model).RunAll(
            new Dictionary<string, float[]> { ["x"] = [.. Enumerable.Range(0, 256).Select(value => (float)value)] }
        );
        Assert.Equal(Enumerable.Range(last - 255, 256).Select(value => (double)value), found[model.Graph.Outputs[0]]);
    }

    [Fact]
    public void A_cast_of_bytes_to_their_own_type_changes_nothing()
    {
        var file = Stem([1, 4], isSigned: true).Node("Cast", "q", "same", OnnxFile.Integer("to", (int)DataType.Int8));
        file.Node("CastLike", "same q", "alike").Node("DequantizeLinear", "alike s z", "y");
        Assert.Equal(["quantize", "dequantize"], file.Import().Graph.Nodes.Select(node => node.Operator.Mnemonic));
    }

    [Fact]
    public void A_comparison_of_bytes_is_one_of_the_integers_that_they_are()
    {
        var file = Stem([1, 4], isSigned: true).Bytes("bound", DataType.Int8, [], 12).Node("Less", "q bound", "truth");
        file.Node("Cast", "truth", "y", OnnxFile.Integer("to", (int)DataType.Float));
        Check(file.Import(), [1, -2, 0, -0.25f], [0, 1, 0, 1]);
    }

    private static DataType Type(bool isSigned) => isSigned ? DataType.Int8 : DataType.Uint8;

    // x, quantised as q in steps of a quarter around 12.
    private static OnnxFile Stem(int[] shape, bool isSigned) =>
        OnnxFile.Create(shape).Constant("s", [], Scale).Bytes("z", Type(isSigned), [], 12).Node("QuantizeLinear", "x s z", "q");

    // The interpreter gives the numbers of the file, and compiled code those of the interpreter.
    private static void Check(Model model, float[] input, float[] expected)
    {
        var found = new float[expected.Length];
        new ReferenceInterpreter(model).Run(input, found);
        Assert.Equal(expected, found);
        foreach (var computation in CompiledKernels.Run(model, new Dictionary<string, float[]> { ["x"] = input }))
            Assert.Equal(expected.Select(value => (double)value), computation.Outputs[model.Graph.Outputs[0]]);
    }
}

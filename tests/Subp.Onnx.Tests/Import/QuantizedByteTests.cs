using Subp.Core.Interpretation;
using Subp.Core.Operators;
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_clip_of_bytes_that_no_layer_made_is_one_of_bytes(bool isSigned)
    {
        var file = Stem([1, 4], isSigned).Bytes("low", Type(isSigned), [], 8).Bytes("high", Type(isSigned), [], 20);
        var model = file.Node("Clip", "q low high", "c").Node("DequantizeLinear", "c s z", "y").Import();
        Assert.Equal(["quantize", "clip", "dequantize"], model.Graph.Nodes.Select(node => node.Operator.Mnemonic));
        Check(model, [1, -2, 3, 0.5f], [1, -1, 2, 0.5f]);
    }

    [Fact]
    public void A_clip_of_the_bytes_of_a_layer_is_a_bound_of_the_layer()
    {
        var file = Stem([1, 2, 2, 2], isSigned: false).Bytes("high", DataType.Uint8, [], 127).Node("DequantizeLinear", "q s z", "r");
        file.Bytes("wi", DataType.Int8, [2, 2, 1, 1], 8, -4, 2, 16).Node("DequantizeLinear", "wi s", "w").Node("Conv", "r w", "conv");
        file.Node("QuantizeLinear", "conv s z", "cq").Node("Clip", "cq - high", "c").Node("DequantizeLinear", "c s z", "y");
        var model = file.Import();
        Assert.Equal(["quantize", "conv2d", "dequantize"], model.Graph.Nodes.Select(node => node.Operator.Mnemonic));
        Check(model, [1, 2, 3, 20, 4, 1, 0.5f, 0], [-2, 3, 5.5f, 28.75f, 16.5f, 5, 3.5f, 10]);
    }

    [Fact]
    public void A_clip_that_leaves_every_byte_is_nothing()
    {
        var file = Stem([1, 4], isSigned: true).Bytes("low", DataType.Int8, [], -128).Bytes("high", DataType.Int8, [], 127);
        var model = file.Node("Clip", "q low high", "c").Node("DequantizeLinear", "c s z", "y").Import();
        Assert.Equal(["quantize", "dequantize"], model.Graph.Nodes.Select(node => node.Operator.Mnemonic));
    }

    [Fact]
    public void Relu_of_signed_bytes_leaves_those_that_are_not_negative()
    {
        var model = Stem([1, 4], isSigned: true).Node("Relu", "q", "c").Node("DequantizeLinear", "c s z", "y").Import();
        Check(model, [1, -2, -4, 0.5f], [1, -2, -3, 0.5f]);
    }

    [Fact]
    public void A_weight_that_is_clipped_as_integers_stays_one_of_bytes()
    {
        // As Brevitas.
        var file = Stem([1, 2], isSigned: false).Bytes("wi", DataType.Int8, [2, 2], 10, -128, 127, 3).Bytes("low", DataType.Int8, [], -127);
        file.Bytes("high", DataType.Int8, [], 127).Node("Clip", "wi low high", "wc").Node("DequantizeLinear", "wc s", "w");
        var model = file.Node("DequantizeLinear", "q s z", "r").Node("MatMul", "r w", "y").Import();
        Assert.Equal([10, 127, -127, 3], model.Weights[((Linear)model.Graph.Nodes[1].Operator).Weight].SignedBytes);
        Check(model, [1, 2], [66, -30.25f]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_maximum_of_bytes_is_one_of_them(int spatial)
    {
        int[] shape = spatial == 1 ? [1, 1, 4] : [1, 1, 2, 4];
        var file = Stem(shape, isSigned: true).Node("MaxPool", "q", "m", OnnxFile.List("kernel_shape", spatial == 1 ? [2] : [2, 2]));
        file.Graph.Node[^1].Attribute.Add(OnnxFile.List("strides", spatial == 1 ? [2] : [2, 2]));
        var model = file.Node("DequantizeLinear", "m s z", "y").Import();
        Assert.NotNull(model.Graph.Nodes.Single(node => node.Operator is Pool2d).Type.Quantization);
        Check(model, spatial == 1 ? [1, 2, -3, -4] : [1, 2, -3, -4, 0, -1, -2, -5], [2, spatial == 1 ? -3 : -2]);
    }

    [Theory]
    [InlineData(new[] { 1, 2, 1, 1 }, true)]
    [InlineData(new[] { 2, 1, 1 }, true)]
    [InlineData(new int[0], true)]
    [InlineData(new[] { 2, 2 }, false)]
    public void A_constant_operand_is_bytes_where_sums_of_bytes_take_its_shape(int[] shape, bool isOfBytes)
    {
        var count = shape.Aggregate(1, (product, extent) => product * extent);
        var file = Stem([1, 2, 2, 2], isSigned: false)
            .Bytes("k", DataType.Uint8, shape, [.. Enumerable.Range(0, count).Select(value => 16 + (4 * value))]);
        file.Microsoft("QLinearAdd", "q s z k s z s z", "sum").Node("DequantizeLinear", "sum s z", "y");
        var model = file.Import();
        Assert.Equal(isOfBytes, model.Graph.Nodes.Single(node => node.Operator is Add).Type.Quantization is not null);
        float[] input = [1, -1, 2, 0.5f, 3, 0, 0.25f, 5];
        Check(
            model,
            input,
            [
                .. input.Select(
                    (value, index) =>
                        value
                        + 1
                        + (
                            count == 1 ? 0
                            : count == 4 ? index % 4
                            : index / 4
                        )
                ),
            ]
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_integer_product_of_bytes_and_their_zero_point_is_a_layer_on_bytes(bool isConvolution)
    {
        // As SparseML: the bias is an integer, and the scales are multiplied behind it.
        var file = Stem(isConvolution ? [1, 2, 1, 1] : [1, 2], isSigned: false).Constant("step", [], Scale * 0.5f);
        file.Bytes("w", DataType.Int8, isConvolution ? [2, 2, 1, 1] : [2, 2], 10, -20, 30, 127);
        file.Bytes("b", DataType.Int32, isConvolution ? [1, 2, 1, 1] : [2], 7, -9);
        file.Node(isConvolution ? "ConvInteger" : "MatMulInteger", "q w z", "sums").Node("Add", "sums b", "whole");
        file.Node("Cast", "whole", "real", OnnxFile.Integer("to", (int)DataType.Float)).Node("Mul", "real step", "product");
        var model = file.Node("QuantizeLinear", "product s z", "yq").Node("DequantizeLinear", "yq s z", "y").Import();
        Assert.Equal(
            ["quantize", isConvolution ? "conv2d" : "linear", "dequantize"],
            model.Graph.Nodes.Select(node => node.Operator.Mnemonic)
        );
        var layer = model.Graph.Nodes[1].Operator;
        Assert.Equal([7, -9], model.Weights[layer.Parameters.Single(use => use.Role == "bias").Name].Integers);
        // 4 and 2 steps.
        Check(model, [1, 0.5f], isConvolution ? [1, 45.5f] : [13.5f, 20.5f]);
    }

    [Fact]
    public void An_integer_product_around_another_zero_is_computed_on_floats()
    {
        var file = Stem([1, 2], isSigned: true).Bytes("other", DataType.Int8, [], 3).Bytes("w", DataType.Int8, [2, 2], 1, 2, 3, 4);
        file.Node("MatMulInteger", "q w other", "sums").Node("Cast", "sums", "y", OnnxFile.Integer("to", (int)DataType.Float));
        // 16 - 3 and 14 - 3.
        Check(file.Import(), [1, 0.5f], [13 + 33, 26 + 44]);
    }

    [Theory]
    [InlineData("uint8", 3)]
    [InlineData("int8", 131)]
    public void Bytes_without_a_zero_point_are_of_the_type_that_the_node_names(string type, int first)
    {
        var output = OnnxFile.Integer("output_dtype", (int)(type == "int8" ? DataType.Int8 : DataType.Uint8));
        var file = OnnxFile.Create([1, 1], opset: 21).Constant("s", [], 1).Constant("w", [1, 1], 5);
        file.Node("QuantizeLinear", "x s", "q", output).Node("QuantizeLinear", "w s", "wq", output).Node("DequantizeLinear", "wq s", "wr");
        var model = file.Node("DequantizeLinear", "q s", "r").Node("Add", "r wr", "y").Import();
        Assert.Equal(type == "int8" ? 128 : 0, model.Graph.Nodes[0].Type.Quantization!.ZeroPoint);
        Assert.Equal(first, new ReferenceInterpreter(model).RunAll(new Dictionary<string, float[]> { ["x"] = [3] })["q"][0]);
        Check(model, [3], [8]);
    }

    [Fact]
    public void A_type_that_is_not_that_of_the_zero_point_is_refused()
    {
        var file = OnnxFile.Create([1, 1], opset: 21).Constant("s", [], 1).Bytes("z", DataType.Uint8, [], 0);
        file.Node("QuantizeLinear", "x s z", "y", OnnxFile.Integer("output_dtype", (int)DataType.Int8));
        var exception = Assert.Throws<Core.Diagnostics.SubpException>(() => file.Import());
        Assert.Equal("output_dtype = Int8", exception.Diagnostic.Found);
    }

    [Fact]
    public void Quantisation_of_the_domain_of_ONNX_Runtime_means_the_same()
    {
        var file = OnnxFile
            .Create([1, 2])
            .Constant("s", [], Scale)
            .Bytes("z", DataType.Uint8, [], 12)
            .Microsoft("QuantizeLinear", "x s z", "q");
        file.Bytes("wi", DataType.Int8, [2, 1], 8, -4)
            .Microsoft("DequantizeLinear", "wi s", "w")
            .Microsoft("DequantizeLinear", "q s z", "r");
        var model = file.Node("MatMul", "r w", "y").Import();
        Assert.Equal(["quantize", "linear"], model.Graph.Nodes.Select(node => node.Operator.Mnemonic));
        Check(model, [1, 2], [0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_scale_of_zero_is_that_of_a_channel_of_zeros(bool isOperator)
    {
        var file = Stem([1, 2], isSigned: false).Bytes("wi", DataType.Int8, [2, 2], 4, 0, -2, 0).Constant("ws", [2], 0.5f, 0);
        file.Bytes("wz", DataType.Int8, [2], 0, 0).Constant("b", [2], 1, 2);
        if (isOperator)
            file.Node("QLinearMatMul", "q s z wi ws wz s z", "yq").Node("DequantizeLinear", "yq s z", "y");
        else
            file.Node("DequantizeLinear", "wi ws wz", "w", OnnxFile.Integer("axis", 1))
                .Node("DequantizeLinear", "q s z", "r")
                .Node("MatMul", "r w", "product")
                .Node("Add", "product b", "y");
        var model = file.Import();
        var layer = (Linear)model.Graph.Nodes.Single(node => node.Operator is Linear).Operator;
        Assert.Equal([4, -2, 0, 0], model.Weights[layer.Weight].SignedBytes);
        Check(model, [1, 0.5f], isOperator ? [1.5f, 0] : [2.5f, 2]);
    }

    [Theory]
    [InlineData("Max", false)]
    [InlineData("Max", true)]
    [InlineData("Min", false)]
    [InlineData("Min", true)]
    public void The_greater_or_lesser_of_bytes_is_one_of_them(string name, bool isSigned)
    {
        var file = Stem([1, 4], isSigned).Node("Neg", "x", "n").Node("QuantizeLinear", "n s z", "m");
        // The byte 16 is the number 1.
        file.Bytes("k", Type(isSigned), [], 16).Node(name, "q m k", "e").Node("DequantizeLinear", "e s z", "y");
        Check(file.Import(), [0.5f, -2, 3, 0], name == "Max" ? [1, 2, 3, 1] : [-0.5f, -2, -3, 0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_choice_among_bytes_and_constants_is_one_of_them(bool isSigned)
    {
        var file = Stem([2, 2], isSigned).Bytes("k", Type(isSigned), [1, 2], 0, 20).Bytes("bound", Type(isSigned), [], 12);
        file.Node("Less", "q bound", "c").Node("Where", "c k q", "e").Node("DequantizeLinear", "e s z", "y");
        Check(file.Import(), [1, -2, -0.5f, 0.25f], [1, 2, -3, 0.25f]);
    }

    [Theory]
    [InlineData("ArgMax", 2)]
    [InlineData("ArgMin", 1)]
    public void The_place_of_the_greatest_or_least_byte_is_the_first(string name, float place)
    {
        var file = Stem([1, 5], isSigned: true).Node(name, "q", "i", OnnxFile.Integer("axis", 1));
        file.Node("Cast", "i", "y", OnnxFile.Integer("to", (int)DataType.Float));
        // The fourth number is another than the third, and the same byte.
        Check(file.Import(), [1, -2, 3, 3.1f, -2.1f], [place]);
    }

    [Theory]
    [InlineData("ReduceMax", 3, 5)]
    [InlineData("ReduceMin", -2, 0)]
    public void The_greatest_or_least_byte_of_a_row_is_one_of_it(string name, float first, float second)
    {
        var file = OnnxFile.Create([2, 3], opset: 18).Constant("s", [], Scale).Bytes("z", DataType.Int8, [], 12).Integers("axes", -1);
        file.Node("QuantizeLinear", "x s z", "q").Node(name, "q axes", "e", OnnxFile.Integer("keepdims", 0));
        Check(file.Node("DequantizeLinear", "e s z", "y").Import(), [1, -2, 3, 5, 4, 0], [first, second]);
    }

    [Fact]
    public void An_input_of_bytes_that_is_chosen_from_has_the_quantisation_of_a_later_reader()
    {
        var file = OnnxFile.Create([1, 4]).Constant("s", [], Scale).Bytes("z", DataType.Uint8, [], 12).Bytes("k", DataType.Uint8, [], 16);
        file.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Uint8;
        var model = file.Node("Max", "k x", "e").Node("DequantizeLinear", "e s z", "y").Import();
        Assert.Equal(12, model.Graph.Inputs[0].Type.Quantization!.ZeroPoint);
        Check(model, [0, 255, 16, 20], [1, 60.75f, 1, 2]);
    }

    [Theory]
    [InlineData("Max", "q m")]
    [InlineData("Where", "c q m")]
    [InlineData("Max", "q x")]
    [InlineData("Where", "c x q")]
    [InlineData("Min", "q k")]
    public void Bytes_among_others_are_refused(string name, string inputs)
    {
        var file = Stem([1, 4], isSigned: true).Constant("other", [], 0.5f).Node("QuantizeLinear", "x other z", "m");
        file.Bytes("k", DataType.Uint8, [], 16).Node("Less", "q z", "c").Node(name, inputs, "e").Node("DequantizeLinear", "e s z", "y");
        var exception = Assert.Throws<Core.Diagnostics.SubpException>(() => file.Import());
        Assert.Equal("SUBP0404", exception.Diagnostic.Descriptor.Id);
        Assert.Equal("bytes of one scale and one zero point", exception.Diagnostic.Expected);
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

using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Protos;
using Xunit;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>The forms in which quantised networks are written, and what they become.</summary>
public class QuantizedFormTests
{
    [Fact]
    public void A_layer_between_dequantised_operands_and_a_quantisation_is_one_integer_layer()
    {
        var model = Layer(Stem()).Import();
        Assert.Equal(["xq = quantize(x) u8(0.1,12)", "conv = conv2d(xq) u8(0.5,3)", "y = dequantize(conv) f32"], Nodes(model));
        var conv = (Conv2d)model.Graph.FindNode("conv")!.Operator;
        Assert.Equal(Activation.Relu, conv.Activation);
        Assert.Equal([10, -20, 30, 127], model.Weights[conv.Weight].SignedBytes);
        Assert.Equal([0.25f, 0.5f], model.Weights[conv.WeightScale!].Values);
        Assert.Equal([7, -9], model.Weights[conv.Bias!].Integers);
    }

    [Fact]
    public void Signed_bytes_become_unsigned_ones()
    {
        var file = Stem(signed: true);
        var model = Layer(file).Import();
        Assert.Equal(["xq = quantize(x) u8(0.1,140)", "conv = conv2d(xq) u8(0.5,131)", "y = dequantize(conv) f32"], Nodes(model));
    }

    [Fact]
    public void A_float_weight_that_is_quantised_in_the_file_and_a_float_bias_are_taken_too()
    {
        // As PyTorch writes fake quantisation.
        var file = Stem().Constant("w", [2, 2, 1, 1], 2.5f, -5, 15.1f, 63.4f).Bytes("wz", DataType.Int8, [2], 0, 0);
        file.Node("QuantizeLinear", "w ws wz", "wi", OnnxFile.Integer("axis", 0));
        file.Node("DequantizeLinear", "wi ws wz", "wr", OnnxFile.Integer("axis", 0)).Constant("b", [2], 0.175f, -0.45f);
        file.Node("Conv", "xr wr b", "conv").Node("Clip", "conv - six", "act").Constant("six", [], 6);
        Close(file);
        var model = file.Import();
        var conv = (Conv2d)model.Graph.FindNode("conv")!.Operator;
        Assert.Equal([10, -20, 30, 127], model.Weights[conv.Weight].SignedBytes);
        Assert.Equal([7, -9], model.Weights[conv.Bias!].Integers);
        Assert.Equal(new Activation(float.NegativeInfinity, 6), conv.Activation);
    }

    [Fact]
    public void An_input_of_bytes_is_one_of_the_numbers_0_to_255()
    {
        var file = OnnxFile.Create([1, 2, 2, 3]);
        file.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Uint8;
        file.Node("Transpose", "x", "t", OnnxFile.List("perm", 0, 3, 1, 2)).Node("Cast", "t", "f", OnnxFile.Integer("to", 1));
        file.Constant("mean", [], 100).Constant("deviation", [3, 1, 1], 2, 4, 8).Node("Sub", "f mean", "c");
        var model = file.Node("Div", "c deviation", "y").Import();
        Assert.Equal(new TensorType(new Quantization(1, 0)), model.Graph.Inputs[0].Type);
        var y = new float[12];
        new ReferenceInterpreter(model).Run([0, 1, 2, 3, 4, 5, 255, 254, 253, 100, 104, 108], y);
        Assert.Equal([-50, -48.5f, 77.5f, 0, -24.75f, -24, 38.5f, 1, -12.25f, -11.875f, 19.125f, 1], y);
    }

    [Fact]
    public void What_only_moves_bytes_may_stand_between_dequantisation_and_layer()
    {
        var file = Stem();
        file.Node("MaxPool", "xr", "pooled", OnnxFile.List("kernel_shape", 2, 2)).Node("Relu", "pooled", "positive");
        file.Node("Transpose", "positive", "moved", OnnxFile.List("perm", 0, 1, 3, 2)).Node("Identity", "moved", "same");
        Weights(file).Node("Conv", "same wr br", "conv").Node("Relu", "conv", "act");
        Close(file);
        var model = file.Import();
        Assert.Equal(
            [
                "xq = quantize(x) u8(0.1,12)",
                "pooled = max_pool(xq) u8(0.1,12)",
                "positive = relu(pooled) u8(0.1,12)",
                "same = transpose(positive) u8(0.1,12)",
                "conv = conv2d(same) u8(0.5,3)",
                "y = dequantize(conv) f32",
            ],
            Nodes(model)
        );
    }

    [Fact]
    public void Two_readers_that_quantise_one_value_differently_both_get_what_they_ask_for()
    {
        var file = Layer(Stem());
        file.Constant("ts", [], 0.3f).Bytes("tz", DataType.Uint8, [], 9);
        file.Node("QuantizeLinear", "act ts tz", "tq").Node("DequantizeLinear", "tq ts tz", "t");
        file.Graph.Output.Add(new ValueInfoProto { Name = "t" });
        var model = file.Import();
        // The layer is computed once, on bytes with floats as its result, and both quantisations read that.
        Assert.Equal(2, model.Graph.Nodes.Count(node => node.Operator is Dequantize));
        Assert.Equal(TensorType.Float32, model.Graph.TypeOf("conv"));
        Assert.Equal(ElementType.Int8, model.Graph.Parameter(((Conv2d)model.Graph.FindNode("conv")!.Operator).Weight).Element);
    }

    [Fact]
    public void A_layer_that_nobody_quantises_returns_floats()
    {
        var file = Weights(Stem()).Node("Conv", "xr wr br", "y");
        Assert.Equal(["xq = quantize(x) u8(0.1,12)", "y = conv2d(xq) f32"], Nodes(file.Import()));
    }

    [Fact]
    public void A_weight_of_unsigned_bytes_around_another_zero_stays_float_and_is_computed_as_it_is()
    {
        var file = Stem().Bytes("wi", DataType.Uint8, [2, 2, 1, 1], 0, 255, 3, 4).Bytes("wz", DataType.Uint8, [2], 100, 100);
        file.Node("DequantizeLinear", "wi ws wz", "wr", OnnxFile.Integer("axis", 0)).Node("Conv", "xr wr", "conv");
        file.Node("Identity", "conv", "act");
        Close(file);
        var model = file.Import();
        Assert.Equal(ElementType.Float32, model.Graph.Parameter(((Conv2d)model.Graph.FindNode("conv")!.Operator).Weight).Element);
        Assert.Equal(155 * 0.25f, model.Weights[((Conv2d)model.Graph.FindNode("conv")!.Operator).Weight].Values[1]);
    }

    [Fact]
    public void Operators_of_bytes_become_the_same_layers()
    {
        var file = Stem().Bytes("wi", DataType.Int8, [2, 2, 1, 1], 10, -20, 30, 127).Bytes("wz", DataType.Int8, [], 0).Words("bi", 7, -9);
        file.Node("QLinearConv", "xq xs xz wi ws wz ys yz bi", "conv");
        file.Microsoft("QLinearAdd", "conv ys yz xq xs xz ys yz", "sum");
        file.Microsoft("QLinearMul", "sum ys yz conv ys yz ys yz", "product");
        file.Microsoft("QLinearConcat", "ys yz product ys yz xq xs xz", "joint");
        file.Microsoft("QLinearSigmoid", "joint ys yz xs xz", "table");
        file.Microsoft("QLinearGlobalAveragePool", "table xs xz ys yz", "mean");
        file.Node("Flatten", "mean", "flat").Bytes("mi", DataType.Int8, [4, 3], [.. Enumerable.Range(-5, 12)]);
        file.Node("QLinearMatMul", "flat ys yz mi xs wz ys yz", "product2").Node("DequantizeLinear", "product2 ys yz", "y");
        var model = file.Import();
        Assert.All(
            model.Graph.Nodes.Where(node => node.Operator is not (Dequantize or Quantize)),
            node => Assert.NotNull(node.Type.Quantization)
        );
        Assert.Equal(
            ["quantize", "conv2d", "add", "mul", "concat", "sigmoid", "global_avg_pool", "flatten", "linear", "dequantize"],
            model.Graph.Nodes.Select(node => node.Operator.Mnemonic)
        );
        Assert.Equal(2, ((Conv2d)model.Graph.Nodes[1].Operator).Parameters.Count(use => use.Role != "weight"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_product_with_a_summand_is_a_layer_on_bytes(bool isTransposed)
    {
        var file = Stem().Node("Flatten", "xq", "flat").Words("ci", 7, -9);
        file.Bytes("mi", DataType.Int8, isTransposed ? [2, 32] : [32, 2], [.. Enumerable.Range(-30, 64)]);
        file.Microsoft("QGemm", "flat xs xz mi ws wz ci ys yz", "product", OnnxFile.Integer("transB", isTransposed ? 1 : 0));
        file.Bytes("wz", DataType.Int8, [2], 0, 0).Node("DequantizeLinear", "product ys yz", "y");
        var model = file.Import();
        Assert.Equal(["quantize", "flatten", "linear", "dequantize"], model.Graph.Nodes.Select(node => node.Operator.Mnemonic));
        var layer = (Linear)model.Graph.Nodes[2].Operator;
        Assert.Equal([7, -9], model.Weights[layer.Bias!].Integers);
        Assert.Equal(isTransposed ? -29 : -28, model.Weights[layer.Weight].SignedBytes[1]);

        var floats = Stem().Node("Flatten", "xq", "flat").Bytes("mi", DataType.Int8, [32, 2], [.. Enumerable.Range(-30, 64)]);
        floats.Bytes("wz", DataType.Int8, [2], 0, 0).Microsoft("QGemm", "flat xs xz mi ws wz", "y");
        Assert.Equal(TensorType.Float32, floats.Import().Graph.TypeOf("y"));

        var scaled = Stem().Node("Flatten", "xq", "flat").Bytes("mi", DataType.Int8, [32, 2], [.. Enumerable.Range(-30, 64)]);
        scaled.Bytes("wz", DataType.Int8, [2], 0, 0).Microsoft("QGemm", "flat xs xz mi ws wz", "y", OnnxFile.Real("alpha", 2));
        Assert.Contains("alpha = 2", Refusal(scaled).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Integer_layers_compute_what_the_file_computes_on_floats()
    {
        var file = Layer(Stem());
        var model = file.Import();
        float[] input = [.. Enumerable.Range(0, 32).Select(index => (float)Math.Sin(index) * 3)];
        var found = new float[32];
        new ReferenceInterpreter(model).Run(input, found);
        double[,] weight =
        {
            { 2.5, -5 },
            { 15, 63.5 },
        };
        double[] bias = [7 * 0.025, -9 * 0.05];
        for (var pixel = 0; pixel < 16; pixel++)
        {
            for (var output = 0; output < 2; output++)
            {
                double Read(int channel) => (Math.Clamp(Math.Round(input[(channel * 16) + pixel] / 0.1f), -12, 243)) * 0.1;
                var sum = Math.Max(0, (weight[output, 0] * Read(0)) + (weight[output, 1] * Read(1)) + bias[output]);
                Assert.Equal(Math.Clamp(Math.Round(sum / 0.5), -3, 252) * 0.5, found[(output * 16) + pixel], 0.501);
            }
        }
    }

    [Theory]
    [InlineData("xs", 0f, "SUBP0230")]
    [InlineData("xs", -1f, "SUBP0230")]
    [InlineData("xs", float.NaN, "SUBP0230")]
    [InlineData("ys", float.PositiveInfinity, "SUBP0230")]
    public void A_scale_that_is_none_is_refused(string name, float scale, string id)
    {
        var file = Layer(Stem());
        file.Graph.Initializer.Single(tensor => tensor.Name == name).FloatData[0] = scale;
        Assert.Equal(id, Refusal(file).Descriptor.Id);
    }

    [Fact]
    public void What_has_no_exact_form_is_refused_by_name()
    {
        var perChannel = Stem(scales: 2);
        Close(Weights(perChannel).Node("Conv", "xr wr br", "act"));
        Assert.Contains("2 scales of a computed value", Refusal(perChannel).Found, StringComparison.Ordinal);

        var other = Stem();
        other.Constant("os", [], 0.2f).Node("DequantizeLinear", "xq os xz", "y");
        Assert.Contains("the quantisation (0.2,12)", Refusal(other).Found, StringComparison.Ordinal);

        var floats = Stem().Node("Softmax", "xq", "y");
        Assert.Contains("quantised bytes", Refusal(floats).Found, StringComparison.Ordinal);

        var wide = Stem().Bytes("wi", (DataType)22, [2, 2, 1, 1], 1, 2, 3, 4).Node("DequantizeLinear", "wi ws", "wr");
        Assert.Contains("elements of type int4", Refusal(Close(wide.Node("Conv", "xr wr", "act"))).Found, StringComparison.Ordinal);

        var mixed = Stem().Constant("os", [], 0.2f).Node("QuantizeLinear", "x os xz", "oq");
        mixed.Node("Concat", "xq oq", "y", OnnxFile.Integer("axis", 1));
        Assert.Contains("bytes of (0.2,12) beside some of (0.1,12)", Refusal(mixed).Found, StringComparison.Ordinal);

        var resized = Stem().Constant("twice", [4], 1, 1, 2, 2).Node("Resize", "xq - twice", "y", OnnxFile.Text("mode", "linear"));
        Assert.Contains("quantised bytes", Refusal(resized).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Signed_bytes_of_an_output_become_unsigned_ones()
    {
        var model = Stem(signed: true).Node("Identity", "xq", "y").Import();
        Assert.Equal(new TensorType(new Quantization(0.1f, 140)), model.Graph.TypeOf(model.Graph.Outputs[0]));
    }

    private static Diagnostic Refusal(OnnxFile file) => Assert.Throws<SubpException>(() => file.Import()).Diagnostic;

    private static string[] Nodes(Model model) =>
        [.. model.Graph.Nodes.Select(node => $"{node.Name} = {node.Operator.Mnemonic}({string.Join(", ", node.Inputs)}) {node.Type}")];

    // x, quantised and dequantised as xr.
    private static OnnxFile Stem(bool signed = false, int scales = 1)
    {
        var file = OnnxFile.Create([1, 2, 4, 4]);
        file.Constant("xs", scales == 1 ? [] : [scales], [.. Enumerable.Repeat(0.1f, scales)]);
        file.Bytes("xz", signed ? DataType.Int8 : DataType.Uint8, scales == 1 ? [] : [scales], [.. Enumerable.Repeat(12, scales)]);
        file.Constant("ys", [], 0.5f).Bytes("yz", signed ? DataType.Int8 : DataType.Uint8, [], 3).Constant("ws", [2], 0.25f, 0.5f);
        return file.Node("QuantizeLinear", "x xs xz", "xq").Node("DequantizeLinear", "xq xs xz", "xr");
    }

    private static OnnxFile Weights(OnnxFile file)
    {
        file.Bytes("wi", DataType.Int8, [2, 2, 1, 1], 10, -20, 30, 127).Words("bi", 7, -9).Constant("bs", [2], 0.025f, 0.05f);
        file.Node("DequantizeLinear", "wi ws", "wr", OnnxFile.Integer("axis", 0));
        return file.Node("DequantizeLinear", "bi bs", "br", OnnxFile.Integer("axis", 0));
    }

    private static OnnxFile Layer(OnnxFile file)
    {
        Weights(file).Node("Conv", "xr wr br", "conv").Node("Relu", "conv", "act");
        return Close(file);
    }

    private static OnnxFile Close(OnnxFile file) =>
        file.Node("QuantizeLinear", "act ys yz", "yq").Node("DequantizeLinear", "yq ys yz", "y");
}

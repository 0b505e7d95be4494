using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Tests.Conformance;
using Xunit;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>Quantised files whose values have shapes that no kernel computes on bytes compile, with the numbers of the file.</summary>
public class QuantizedShapeTests
{
    [Fact]
    public void A_layer_over_the_last_of_three_axes_is_computed_on_floats()
    {
        var file = Stem([1, 3, 4]).Bytes("wi", DataType.Int8, [4, 2], 1, -2, 3, 4, -5, 6, 7, -8).Constant("ws", [], 0.25f);
        file.Node("DequantizeLinear", "wi ws", "wr").Node("MatMul", "xr wr", "product");
        var model = Close(file, "product").Import();
        Assert.Equal(ElementType.Float32, model.Graph.Parameter(((Linear)model.Graph.FindNode("product")!.Operator).Weight).Element);
        float[] weight = [0.25f, 0.75f, -1.25f, 1.75f];
        Check(model, 12, input => [.. Enumerable.Range(0, 6).Select(index => index % 2 > 0 ? float.NaN : Sum(input, index / 2))]);

        float Sum(float[] input, int row) =>
            Rounded(Enumerable.Range(0, 4).Sum(place => weight[place] * Rounded(input[(row * 4) + place], 0.1f, 12)), 0.5f, 3);
    }

    [Fact]
    public void A_joint_of_different_scales_along_another_axis_than_channels_is_one_of_floats()
    {
        var file = Stem([1, 2, 3]).Constant("ts", [], 0.3f).Bytes("tz", DataType.Uint8, [], 7);
        file.Node("QuantizeLinear", "x ts tz", "tq").Node("DequantizeLinear", "tq ts tz", "tr");
        var model = Close(file.Node("Concat", "xr tr", "joint", OnnxFile.Integer("axis", 2)), "joint").Import();
        Check(
            model,
            6,
            input =>
                [
                    .. Enumerable
                        .Range(0, 12)
                        .Select(index =>
                        {
                            var value = input[(index / 6 * 3) + (index % 3)];
                            return Rounded(index % 6 < 3 ? Rounded(value, 0.1f, 12) : Rounded(value, 0.3f, 7), 0.5f, 3);
                        }),
                ]
        );
    }

    [Fact]
    public void A_function_a_clamp_and_another_quantisation_of_three_axes_are_computed_on_floats()
    {
        var file = Stem([2, 3, 4]).Constant("ts", [], 0.3f).Bytes("tz", DataType.Uint8, [], 7).Node("Relu", "xr", "positive");
        file.Node("QuantizeLinear", "positive ts tz", "tq").Node("DequantizeLinear", "tq ts tz", "tr");
        file.Node("QuantizeLinear", "tr xs xz", "uq").Node("DequantizeLinear", "uq xs xz", "ur").Node("Sigmoid", "ur", "gate");
        var model = Close(file, "gate").Import();
        Check(
            model,
            24,
            input =>
                [
                    .. input.Select(value =>
                    {
                        var positive = Rounded(Math.Max(0, Rounded(value, 0.1f, 12)), 0.3f, 7);
                        return Rounded((float)(1 / (1 + Math.Exp(-Rounded(positive, 0.1f, 12)))), 0.5f, 3);
                    }),
                ]
        );
    }

    [Theory]
    [InlineData(12)]
    [InlineData(1, 3, 4)]
    public void Bytes_of_any_shape_may_leave_the_network(params int[] shape)
    {
        var model = Stem(shape).Node("Identity", "xq", "y").Import();
        Assert.Equal(new Quantization(0.1f, 12), model.Graph.TypeOf(model.Graph.Outputs[0]).Quantization);
        Assert.Equal(new TensorShape(shape), model.Graph.ShapeOf(model.Graph.Outputs[0]));
        Check(model, 12, input => [.. input.Select(value => (Rounded(value, 0.1f, 12) / 0.1f) + 12)]);
    }

    [Fact]
    public void A_product_with_one_factor_for_each_pixel_is_computed_on_floats()
    {
        var file = Stem([1, 2, 3, 3]).Node("ReduceMax", "x", "most", OnnxFile.List("axes", 1));
        file.Node("QuantizeLinear", "most xs xz", "gq").Node("DequantizeLinear", "gq xs xz", "gate");
        var model = Close(file.Node("Mul", "xr gate", "product"), "product").Import();
        Assert.Null(model.Graph.Nodes.Single(node => node.Operator is Mul).Type.Quantization);
        Check(
            model,
            18,
            input =>
                [
                    .. input.Select(
                        (value, index) =>
                        {
                            var gate = Math.Max(input[index % 9], input[(index % 9) + 9]);
                            return Rounded(Rounded(value, 0.1f, 12) * Rounded(gate, 0.1f, 12), 0.5f, 3);
                        }
                    ),
                ]
        );
    }

    [Theory]
    [InlineData("QLinearMul")]
    [InlineData("QLinearAdd")]
    public void A_gate_on_the_left_is_read_on_the_right(string name)
    {
        var file = Stem([1, 2, 4, 4]).Microsoft("QLinearGlobalAveragePool", "xq xs xz xs xz", "gate");
        file.Microsoft(name, "gate xs xz xq xs xz ys yz", "yq").Node("DequantizeLinear", "yq ys yz", "y");
        var model = file.Import();
        var node = model.Graph.Nodes.Single(node => node.Operator is Mul or Add);
        Assert.Equal("xq", node.Inputs[0]);
        Assert.NotNull(node.Type.Quantization);
        Check(model, 32, _ => [.. Enumerable.Repeat(float.NaN, 32)]);
    }

    // Compiled code and the interpreter agree, and both with the file where its numbers are not halfway between two bytes.
    private static void Check(Model model, int length, Func<float[], float[]> expected)
    {
        float[] input = [.. Enumerable.Range(0, length).Select(index => (float)Math.Sin(index * 1.3) * 3)];
        var wanted = expected(input);
        var found = new float[wanted.Length];
        new ReferenceInterpreter(model).Run(input, found);
        for (var index = 0; index < found.Length; index++)
        {
            if (!float.IsNaN(wanted[index]))
                Assert.Equal(wanted[index], found[index], 1e-4f);
        }

        Assert.True(found.Distinct().Count() > 1, "The network computes one number, which proves nothing.");
        foreach (var computation in CompiledKernels.Run(model, new Dictionary<string, float[]> { ["x"] = input }))
            Assert.Equal(found.Select(value => (double)value), computation.Outputs[model.Graph.Outputs[0]]);
    }

    private static float Rounded(float value, float scale, int zero) =>
        (float)(Math.Clamp(Math.Round(value / scale) + zero, 0, 255) - zero) * scale;

    // x, quantised and dequantised as xr.
    private static OnnxFile Stem(int[] shape)
    {
        var file = OnnxFile.Create(shape).Constant("xs", [], 0.1f).Bytes("xz", DataType.Uint8, [], 12);
        file.Constant("ys", [], 0.5f).Bytes("yz", DataType.Uint8, [], 3);
        return file.Node("QuantizeLinear", "x xs xz", "xq").Node("DequantizeLinear", "xq xs xz", "xr");
    }

    private static OnnxFile Close(OnnxFile file, string value) =>
        file.Node("QuantizeLinear", $"{value} ys yz", "yq").Node("DequantizeLinear", "yq ys yz", "y");
}

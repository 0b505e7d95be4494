using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Text;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Onnx.Tests.Export;

/// <summary>Networks of bytes to ONNX and back: integers stand for the same numbers in the file.</summary>
public class QuantizedExportTests
{
    [Fact]
    public void A_constant_of_bytes_keeps_its_zero_point()
    {
        const string Text = """
            subp 1
            model m
            input x: u8(0.5,10)[1,3]
            param t: u8[1,3]
            node c: u8(0.25,128)[1,3] = constant() value=t
            node sum: u8(0.5,100)[1,3] = add(x, c)
            node y: f32[1,3] = dequantize(sum)
            output y
            """;
        var weights = new WeightSet { ["t"] = WeightTensor.FromBytes(new TensorShape(1, 3), [128, 0, 250]) };
        AssertSame(Text, weights, 10, 200, 30);
    }

    [Fact]
    public void Constants_of_the_same_bytes_and_another_quantisation_stay_two()
    {
        const string Text = """
            subp 1
            model m
            input x: u8(0.5,10)[1,3]
            param t: u8[1,3]
            node c: u8(0.25,128)[1,3] = constant() value=t
            node d: u8(0.25,7)[1,3] = constant() value=t
            node sum: u8(0.5,100)[1,3] = add(x, c)
            node both: u8(0.5,100)[1,3] = add(sum, d)
            node y: f32[1,3] = dequantize(both)
            output y
            """;
        var weights = new WeightSet { ["t"] = WeightTensor.FromBytes(new TensorShape(1, 3), [128, 0, 250]) };
        AssertSame(Text, weights, 10, 200, 30);
    }

    [Theory]
    [InlineData("s", "b")]
    [InlineData("t", "b")]
    [InlineData("t", "c")]
    public void Layers_that_share_integers_read_them_with_their_own_scales(string scale, string bias)
    {
        // Both read the weight w; the bias b of both is in steps of other inputs, and of other scales where these differ.
        var text = $"""
            subp 1
            model m
            input x: u8(0.5,10)[1,2]
            param w: s8[2,2]
            param s: f32[2]
            param t: f32[2]
            param b: s32[2]
            param c: s32[2]
            node one: u8(0.125,20)[1,2] = linear(x) weight=w weight_scale=s bias=b
            node two: u8(0.25,30)[1,2] = linear(one) weight=w weight_scale={scale} bias={bias}
            node three: u8(0.25,30)[1,2] = linear(two) weight=w weight_scale=t bias=c
            node y: f32[1,2] = dequantize(three)
            output y
            """;
        var shape = new TensorShape(2);
        var weights = new WeightSet
        {
            ["w"] = WeightTensor.FromSignedBytes(new TensorShape(2, 2), [1, 2, -3, 4]),
            ["s"] = new WeightTensor(shape, [0.25f, 0.125f]),
            ["t"] = new WeightTensor(shape, [0.5f, 0.0625f]),
            ["b"] = WeightTensor.FromIntegers(shape, [7, -100]),
            ["c"] = WeightTensor.FromIntegers(shape, [-9, 40]),
        };
        AssertSame(text, weights, 30, 70);
    }

    [Fact]
    public void Layers_that_share_integers_of_the_same_scales_share_them_in_the_file()
    {
        const string Text = """
            subp 1
            model m
            input x: u8(0.5,10)[1,2]
            param w: s8[2,2]
            param s: f32[2]
            node one: u8(0.125,20)[1,2] = linear(x) weight=w weight_scale=s
            node two: u8(0.25,30)[1,2] = linear(one) weight=w weight_scale=s
            node y: f32[1,2] = dequantize(two)
            output y
            """;
        var weights = new WeightSet
        {
            ["w"] = WeightTensor.FromSignedBytes(new TensorShape(2, 2), [1, 2, -3, 4]),
            ["s"] = new WeightTensor(new TensorShape(2), [0.25f, 0.125f]),
        };
        var file = Protos.ModelProto.Parser.ParseFrom(AssertSame(Text, weights, 30, 70));
        Assert.Single(file.Graph.Initializer, tensor => tensor.Name.EndsWith(".integers", StringComparison.Ordinal));
    }

    private static byte[] AssertSame(string text, WeightSet weights, params float[] input)
    {
        var model = new Model(SubpParser.Parse(text, "m.subp").Graph, weights);
        var file = OnnxExporter.Export(model);
        var back = OnnxImporter.Import(file, "back.onnx");
        Assert.Equal(Run(model, input), Run(back, input));
        return file;
    }

    private static float[] Run(Model model, float[] input)
    {
        var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
        new ReferenceInterpreter(model).Run(input, output);
        return output;
    }
}

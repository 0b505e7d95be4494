using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Storage;
using Subp.Core.Tests.Text;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Core.Tests.Graphs;

public class QuantizedGraphTests
{
    private const string Layer = """
        subp 1
        model m
        input x: u8(0.5,10)[1,2]
        param w: s8[3,2]
        param s: f32[3]
        param b: s32[3]
        node y: u8(0.125,20)[1,3] = linear(x) weight=w weight_scale=s bias=b
        output y
        """;

    [Fact]
    public void A_quantised_network_survives_its_text_and_its_bundle()
    {
        var graph = SampleGraphs.Quantized();
        var text = SubpPrinter.Print(graph);
        Assert.Equal(text, SubpPrinter.Print(SubpParser.Parse(text, "m.subp").Graph));
        Assert.Contains("\ninput image: u8(0.02,7)[1,4,6,5]\n", text, StringComparison.Ordinal);
        Assert.Contains("\nparam first.weight: s8[8,4,3,3] sparse 1x4\n", text, StringComparison.Ordinal);

        var model = RandomWeights.For(graph, 3);
        var bundle = ModelBundle.Write(model);
        var (read, _) = ModelBundle.Read(bundle.SubpText, "m.subp", bundle.Safetensors, "m.safetensors");
        Assert.Equal(bundle.Safetensors, ModelBundle.Write(read).Safetensors);
        Assert.Equal(model.Weights["first.weight"].SignedBytes, read.Weights["first.weight"].SignedBytes);
        Assert.Equal(model.Weights["first.bias"].Integers, read.Weights["first.bias"].Integers);
        Assert.Equal(model.Weights["table.values"].Bytes, read.Weights["table.values"].Bytes);
        Assert.Equal(Outputs(model), Outputs(read));
    }

    [Fact]
    public void Everything_in_the_weights_file_is_aligned_to_its_own_size()
    {
        foreach (var tensor in WeightFileLayout.Of(SampleGraphs.Quantized()).Tensors)
            Assert.Equal(0, tensor.Offset % ElementTypes.SizeOf(tensor.Parameter.Element));
    }

    [Fact]
    public void Scales_and_zero_points_of_values_are_structure()
    {
        var hash = StructureHash.Compute(SubpParser.Parse(Layer, "m.subp").Graph);
        Assert.NotEqual(hash, StructureHash.Compute(SubpParser.Parse(Layer.Replace("0.125,20", "0.125,21"), "m.subp").Graph));
        Assert.NotEqual(hash, StructureHash.Compute(SubpParser.Parse(Layer.Replace("0.125,20", "0.126,20"), "m.subp").Graph));
    }

    [Theory]
    [InlineData("u8(0.5,10)", "u8(0,10)", "SUBP0230", "the scale 0")]
    [InlineData("u8(0.5,10)", "u8(-1,10)", "SUBP0230", "the scale -1")]
    [InlineData("u8(0.5,10)", "u8(inf,10)", "SUBP0230", "the scale Infinity")]
    [InlineData("u8(0.5,10)", "u8(nan,10)", "SUBP0101", "'nan'")]
    [InlineData("u8(0.5,10)", "u8(1e-42,10)", "SUBP0230", "the scale 1E-42")]
    [InlineData("u8(0.5,10)", "u8(0.5,256)", "SUBP0230", "the zero point 256")]
    [InlineData("u8(0.5,10)", "u8(0.5,-1)", "SUBP0101", "'-1'")]
    [InlineData("u8(0.5,10)", "u8", "SUBP0101", "'['")]
    [InlineData("u8(0.5,10)", "s8(0.5,10)", "SUBP0101", "'s8'")]
    [InlineData("u8(0.5,10)", "f32", "SUBP0231", "the parameter 'w' of type s8")]
    [InlineData(
        "u8(0.125,20)[1,3] = linear(x) weight=w weight_scale=s bias=b",
        "f32[1,2] = quantize(x)",
        "SUBP0231",
        "a result of type f32"
    )]
    [InlineData("w: s8", "w: f32", "SUBP0231", "the parameter 'w' of type f32")]
    [InlineData("b: s32", "b: f32", "SUBP0231", "the parameter 'b' of type f32")]
    [InlineData("s: f32[3]", "s: f32[2]", "SUBP0203", "the parameter 's' of shape [2]")]
    [InlineData(" weight_scale=s", "", "SUBP0231", "no weight_scale")]
    [InlineData("bias=b", "bias=b activation=sigmoid", "SUBP0231", "the activation sigmoid on bytes")]
    [InlineData("[1,3] = linear(x) weight=w weight_scale=s bias=b", "[1,2] = softmax(x)", "SUBP0231", "an input of type u8(0.5,10)")]
    [InlineData("[1,3] = linear(x) weight=w weight_scale=s bias=b", "[1,2] = flatten(x)", "SUBP0231", "the declared type u8(0.125,20)")]
    public void What_does_not_fit_is_refused_with_its_place(string part, string instead, string id, string found)
    {
        var diagnostic = Assert.Throws<SubpException>(() => SubpParser.Parse(Layer.Replace(part, instead), "m.subp")).Diagnostic;
        Assert.Equal(id, diagnostic.Descriptor.Id);
        Assert.Contains(found, diagnostic.Found, StringComparison.Ordinal);
        Assert.StartsWith("m.subp(", diagnostic.Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rounded_scale=0 rounded_zero=3", "SUBP0230", "the scale 0")]
    [InlineData("rounded_scale=0.5 rounded_zero=256", "SUBP0230", "the zero point 256")]
    [InlineData("rounded_scale=0.5", "SUBP0230", "the zero point -1")]
    public void A_rounding_before_the_residual_is_checked(string attributes, string id, string found)
    {
        var diagnostic = Assert.Throws<SubpException>(() => SubpParser.Parse(Residual("x, x", attributes), "m.subp")).Diagnostic;
        Assert.Equal(id, diagnostic.Descriptor.Id);
        Assert.Contains(found, diagnostic.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rounding_before_a_residual_needs_the_residual()
    {
        const string Attributes = "rounded_scale=0.5 rounded_zero=3";
        SubpParser.Parse(Residual("x, x", Attributes), "m.subp");
        var diagnostic = Assert.Throws<SubpException>(() => SubpParser.Parse(Residual("x", Attributes), "m.subp")).Diagnostic;
        Assert.Equal("SUBP0231", diagnostic.Descriptor.Id);
    }

    [Fact]
    public void A_layer_that_rounds_first_makes_the_bytes_of_two_layers()
    {
        const string Apart = """
            node c: u8(1.5,77)[1,2,3,3] = conv2d(x) weight=w weight_scale=s bias=b kernel=[1,1]
            node y: u8(2,20)[1,2,3,3] = add(c, x) activation=relu
            output y
            """;
        var together = Residual("x, x", "activation=relu rounded_scale=1.5 rounded_zero=77");
        var apart = together[..together.IndexOf("node y", StringComparison.Ordinal)] + Apart;
        Assert.Equal(Outputs(apart), Outputs(together));

        static float[] Outputs(string text)
        {
            var output = new float[18];
            var model = RandomWeights.For(SubpParser.Parse(text, "m.subp").Graph, 4);
            new ReferenceInterpreter(model).Run(RandomWeights.Bytes(model.Graph.Inputs[0].Shape, 1), output);
            Assert.True(output.Distinct().Count() > 5);
            return output;
        }
    }

    private static string Residual(string inputs, string attributes) =>
        $"""
            subp 1
            model m
            input x: u8(0.5,10)[1,2,3,3]
            param w: s8[2,2,1,1]
            param s: f32[2]
            param b: s32[2]
            node y: u8(2,20)[1,2,3,3] = conv2d({inputs}) weight=w weight_scale=s bias=b kernel=[1,1] {attributes}
            output y
            """;

    [Fact]
    public void A_layer_of_too_many_products_is_refused()
    {
        SubpParser.Parse(Layer.Replace("[1,2]", "[1,65793]").Replace("s8[3,2]", "s8[3,65793]"), "m.subp");
        var text = Layer.Replace("[1,2]", "[1,65794]").Replace("s8[3,2]", "s8[3,65794]");
        var diagnostic = Assert.Throws<SubpException>(() => SubpParser.Parse(text, "m.subp")).Diagnostic;
        Assert.Equal("SUBP0232", diagnostic.Descriptor.Id);
    }

    [Theory]
    [InlineData("global_avg_pool(x)", "[1,1,1,1]", "[1,1,2901,2902]", "[1,1,3000,3000]")]
    [InlineData("avg_pool(x) kernel=[2901,2902]", "[1,1,1,1]", "[1,1,2901,2902]", "")]
    [InlineData("avg_pool(x) kernel=[3000,3000]", "[1,1,1,1]", "", "[1,1,3000,3000]")]
    public void A_mean_of_too_many_bytes_is_refused(string node, string result, string most, string tooMany)
    {
        string Text(string shape, string type = "u8(0.5,10)") =>
            $"subp 1\nmodel m\ninput x: {type}{shape}\nnode y: {type}{result} = {node}\noutput y\n";
        if (most.Length > 0)
            SubpParser.Parse(Text(most), "m.subp");
        if (tooMany.Length == 0)
            return;
        SubpParser.Parse(Text(tooMany, "f32"), "m.subp");
        var diagnostic = Assert.Throws<SubpException>(() => SubpParser.Parse(Text(tooMany), "m.subp")).Diagnostic;
        Assert.Equal("SUBP0232", diagnostic.Descriptor.Id);
        Assert.Contains("sums of 9000000 bytes", diagnostic.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "the scale 0")]
    [InlineData(-1, "the scale -1")]
    [InlineData(1e38f, "the multiplier inf")]
    [InlineData(1e-38f, "the scale")]
    public void A_bundle_whose_scales_are_none_is_neither_written_nor_read(float scale, string found)
    {
        var model = LayerModel(scale, 0);
        var diagnostic = Assert.Throws<SubpException>(() => ModelBundle.Write(model)).Diagnostic;
        Assert.Equal("SUBP0307", diagnostic.Descriptor.Id);
        Assert.Contains(found, diagnostic.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sum_that_is_rounded_before_a_residual_is_multiplied_for_that_rounding()
    {
        const string Text = """
            subp 1
            model m
            input x: u8(0.5,10)[1,1,1,1]
            param w: s8[1,1,1,1]
            param s: f32[1]
            node y: u8(0.5,0)[1,1,1,1] = conv2d(x, x) weight=w weight_scale=s kernel=[1,1] rounded_scale=1e38 rounded_zero=3
            output y
            """;
        var weights = new WeightSet
        {
            ["w"] = WeightTensor.FromSignedBytes(new TensorShape(1, 1, 1, 1), [1]),
            ["s"] = new WeightTensor(new TensorShape(1), [0.125f]),
        };
        var model = new Model(SubpParser.Parse(Text, "m.subp").Graph, weights);
        var diagnostic = Assert.Throws<SubpException>(() => ModelBundle.Write(model)).Diagnostic;
        Assert.Equal("SUBP0307", diagnostic.Descriptor.Id);
        Assert.Contains("the multiplier", diagnostic.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bias_with_which_a_sum_could_overflow_is_refused()
    {
        ModelBundle.Write(LayerModel(0.5f, int.MaxValue - (2 * 127 * 245)));
        var diagnostic = Assert
            .Throws<SubpException>(() => ModelBundle.Write(LayerModel(0.5f, int.MaxValue - (2 * 127 * 245) + 1)))
            .Diagnostic;
        Assert.Equal("SUBP0232", diagnostic.Descriptor.Id);
    }

    [Fact]
    public void Weights_of_another_type_are_refused()
    {
        var model = LayerModel(0.5f, 0);
        model.Weights["w"] = new WeightTensor(new TensorShape(3, 2), new float[6]);
        var diagnostic = Assert.Throws<SubpException>(() => ModelBundle.Write(model)).Diagnostic;
        Assert.Equal(("SUBP0303", "elements of type f32"), (diagnostic.Descriptor.Id, diagnostic.Found));
    }

    private static Model LayerModel(float scale, int bias) =>
        new(
            SubpParser.Parse(Layer, "m.subp").Graph,
            new WeightSet
            {
                ["w"] = WeightTensor.FromSignedBytes(new TensorShape(3, 2), [1, 2, 3, 4, 127, -127]),
                ["s"] = new WeightTensor(new TensorShape(3), [0.5f, 0.5f, scale]),
                ["b"] = WeightTensor.FromIntegers(new TensorShape(3), [0, 0, bias]),
            }
        );

    private static float[] Outputs(Model model)
    {
        var graph = model.Graph;
        var output = new float[graph.Outputs.Sum(name => graph.ShapeOf(name).ElementCount)];
        float[] input =
        [
            .. RandomWeights.Bytes(graph.ShapeOf(graph.Inputs[0].Name), 1),
            .. RandomWeights.Input(graph.ShapeOf(graph.Inputs[1].Name), 2),
        ];
        new ReferenceInterpreter(model).Run(input, output);
        Assert.True(output.Distinct().Count() > 3, "The outputs hardly differ: the network saturates.");
        return output;
    }
}

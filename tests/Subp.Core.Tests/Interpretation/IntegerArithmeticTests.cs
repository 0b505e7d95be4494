using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Core.Tests.Interpretation;

/// <summary>What operators compute on bytes, against results worked out by hand or recorded from NumPy.</summary>
public class IntegerArithmeticTests
{
    [Fact]
    public void A_sum_becomes_a_byte_by_one_multiplication_and_one_rounding()
    {
        var multiplier = IntegerLayer.Multiplier(0.0235f, 0.0041f, 0.0471f);
        Assert.Equal(0.0020456475f, multiplier);
        int[] sums = [12345, -777, 40000, 25, 131];
        Assert.Equal([28, 1, 85, 3, 3], sums.Select(sum => IntegerLayer.Place(sum * multiplier, 3, 0, 255)));
    }

    [Theory]
    [InlineData(0.5f, 0)]
    [InlineData(1.5f, 2)]
    [InlineData(2.5f, 2)]
    [InlineData(-0.5f, 0)]
    [InlineData(254.5f, 254)]
    [InlineData(1e30f, 255)]
    [InlineData(float.PositiveInfinity, 255)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(float.NaN, 0)]
    public void Halves_go_to_the_even_byte_and_everything_outside_to_the_nearest(float value, int expected) =>
        Assert.Equal(expected, IntegerLayer.Quantize(value, new Quantization(1, 0)));

    [Fact]
    public void The_bounds_of_an_activation_are_bytes_of_the_result()
    {
        Assert.Equal((3, 255), IntegerLayer.Bounds(Activation.Relu, new Quantization(0.0471f, 3)));
        Assert.Equal((3, 3 + 127), IntegerLayer.Bounds(Activation.Relu6, new Quantization(0.0471f, 3)));
        Assert.Equal((0, 255), IntegerLayer.Bounds(Activation.None, new Quantization(0.0471f, 3)));
    }

    [Fact]
    public void A_convolution_pads_with_the_byte_of_zero_and_adds_the_residual_before_it_rounds()
    {
        // One pixel at the corner of a 3 x 3 window: only the tap in the middle sees it, whatever the zero point of the input is.
        const string Text = """
            subp 1
            model m
            input x: u8(0.5,10)[1,1,1,1]
            input r: u8(0.25,100)[1,1,1,1]
            param w: s8[1,1,3,3]
            param s: f32[1]
            param b: s32[1]
            node y: u8(0.125,20)[1,1,1,1] = conv2d(x, r) weight=w weight_scale=s bias=b kernel=[3,3] pads=[1,1,1,1]
            output y
            """;
        var model = new Model(
            SubpParser.Parse(Text, "m.subp").Graph,
            new WeightSet
            {
                ["w"] = WeightTensor.FromSignedBytes(new TensorShape(1, 1, 3, 3), [99, 99, 99, 99, 3, 99, 99, 99, 99]),
                ["s"] = new WeightTensor(new TensorShape(1), [0.25f]),
                ["b"] = WeightTensor.FromIntegers(new TensorShape(1), [-4]),
            }
        );
        // (30 - 10) * 3 - 4 = 56 steps of 0.125, and (107 - 100) * 2 of the residual: 70 + 20.
        Assert.Equal([90], Run(model, 30, 107));
    }

    [Fact]
    public void A_layer_may_return_the_numbers_that_its_sums_stand_for()
    {
        const string Text = """
            subp 1
            model m
            input x: u8(0.5,10)[1,2]
            param w: s8[2,2]
            param s: f32[2]
            param b: s32[2]
            node y: f32[1,2] = linear(x) weight=w weight_scale=s bias=b activation=relu
            output y
            """;
        var model = new Model(
            SubpParser.Parse(Text, "m.subp").Graph,
            new WeightSet
            {
                ["w"] = WeightTensor.FromSignedBytes(new TensorShape(2, 2), [1, 2, -3, 4]),
                ["s"] = new WeightTensor(new TensorShape(2), [0.25f, 0.1f]),
                ["b"] = WeightTensor.FromIntegers(new TensorShape(2), [7, -100]),
            }
        );
        // 1 * 5 + 2 * 10 + 7 = 32 steps of 0.125; -3 * 5 + 4 * 10 - 100 is below 0.
        Assert.Equal([4, 0], Run(model, 15, 20));
    }

    [Theory]
    [InlineData("add(a, b)", 30, 50, 128 + 40 - 30)]
    [InlineData("add(a, b) activation=relu", 0, 50, 128)]
    [InlineData("mul(a, b)", 30, 70, 128 - 100)]
    [InlineData("relu(a)", 5, 0, 128)]
    [InlineData("relu(a)", 25, 0, 128 + 30)]
    [InlineData("quantize(a)", 25, 0, 128 + 30)]
    [InlineData("clip(a) minimum=1 maximum=2", 25, 0, 128 + 8)]
    public void A_result_takes_the_quantisation_that_the_node_declares(string operation, int left, int right, int expected)
    {
        var text = $"""
            subp 1
            model m
            input a: u8(0.5,10)[1]
            input b: u8(0.25,80)[1]
            node keep: u8(0.25,80)[1] = quantize(b)
            node y: u8(0.25,128)[1] = {operation}
            output y
            """;
        Assert.Equal([expected], Run(new Model(SubpParser.Parse(text, "m.subp").Graph, new WeightSet()), left, right));
    }

    [Fact]
    public void A_mean_counts_what_lies_in_the_image_and_rounds_once()
    {
        const string Text = """
            subp 1
            model m
            input x: u8(0.5,10)[1,1,2,2]
            node y: u8(0.5,0)[1,1,2,2] = avg_pool(x) kernel=[2,2] pads=[0,0,1,1]
            node g: u8(0.25,1)[1,1,1,1] = global_avg_pool(x)
            output y
            output g
            """;
        // The four sums above the zero point are 3 + 6 + 8 + 9, 6 + 9, 8 + 9 and 9.
        Assert.Equal([6, 8, 8, 9, 1 + 13], Run(new Model(SubpParser.Parse(Text, "m.subp").Graph, new WeightSet()), 13, 16, 18, 19));
    }

    [Fact]
    public void Padding_is_the_byte_of_the_value_and_parts_of_a_joint_are_rounded_to_its_steps()
    {
        const string Text = """
            subp 1
            model m
            input a: u8(0.5,10)[1,1]
            input b: u8(0.25,80)[1,2]
            node wide: u8(0.25,80)[1,3] = pad(b) pads=[0,1] value=2
            node y: u8(0.5,10)[1,4] = concat(a, wide)
            output wide
            output y
            """;
        Assert.Equal([81, 83, 88, 7, 10, 12, 14], Run(new Model(SubpParser.Parse(Text, "m.subp").Graph, new WeightSet()), 7, 81, 83));
    }

    [Fact]
    public void A_smooth_function_is_a_table_of_256_bytes()
    {
        var (input, result) = (new Quantization(0.05f, 128), new Quantization(1f / 256, 0));
        var table = IntegerLayer.Table(Activation.Sigmoid, input, result);
        Assert.Equal(256, table.Length);
        Assert.Equal(128, table[128]);
        Assert.Equal((byte)Math.Round(256 / (1 + Math.Exp(-0.05 * 40))), table[168]);
        Assert.Equal(0, table[0]);
    }

    private static float[] Run(Model model, params float[] input)
    {
        var output = new float[model.Graph.Outputs.Sum(name => model.Graph.ShapeOf(name).ElementCount)];
        new ReferenceInterpreter(model).Run(input, output);
        return output;
    }
}

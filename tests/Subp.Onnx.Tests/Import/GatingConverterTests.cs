using Subp.Core.Operators;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Onnx.Tests.Import;

/// <summary>Activations beyond clamps, products, constants that are added or multiplied, and what cuts and joins channels.</summary>
public class GatingConverterTests
{
    private static readonly int[] Image = [1, 4, 3, 3];

    [Fact]
    public void A_value_times_its_sigmoid_is_one_operator() =>
        Assert.Equal(["y = silu(x) [1,4,3,3]"], Create(Image).Node("Sigmoid", "x", "s").Node("Mul", "s x", "y").ImportedNodes());

    [Theory]
    [InlineData(1 / 6f, "y = hard_swish(x) [1,4,3,3]")]
    [InlineData(0.2f, "s = hard_sigmoid(x) [1,4,3,3]")]
    public void A_value_times_its_hard_sigmoid_is_a_hard_swish_of_one_slope_only(float alpha, string first) =>
        Assert.Equal(first, Create(Image).Node("HardSigmoid", "x", "s", Real("alpha", alpha)).Node("Mul", "x s", "y").ImportedNodes()[0]);

    [Theory]
    [InlineData("Mul", "x c", "m", "Div", "m six", "y")]
    [InlineData("Div", "c six", "m", "Mul", "x m", "y")]
    public void A_hard_swish_of_single_steps_is_one_operator(string type1, string in1, string out1, string type2, string in2, string out2)
    {
        var file = Create(Image)
            .Constant("three", [], 3)
            .Constant("six", [], 6)
            .Constant("zero", [], 0)
            .Node("Add", "x three", "a")
            .Node("Clip", "a zero six", "c")
            .Node(type1, in1, out1)
            .Node(type2, in2, out2);
        Assert.Equal(["y = hard_swish(x) [1,4,3,3]"], file.ImportedNodes());
        Assert.Empty(file.Import().Graph.Parameters);
    }

    [Fact]
    public void A_gate_is_the_second_operand_of_its_product()
    {
        var file = Create(Image).Node("GlobalAveragePool", "x", "p").Node("HardSigmoid", "p", "g").Node("Mul", "g x", "y");
        Assert.Equal("y = mul(x, g) [1,4,3,3]", file.ImportedNodes()[2]);
    }

    [Theory]
    [InlineData("Mul", "x c", 2, 1, 1, 6)]
    [InlineData("Add", "c x", 2, 1, 1, 5)]
    [InlineData("Sub", "x c", 2, 1, 1, 1)]
    [InlineData("Sub", "c x", 2, 1, 1, -1)]
    [InlineData("Div", "x c", 2, 1, 1, 1.5)]
    public void A_constant_per_channel_or_for_all_becomes_an_affine_normalisation(
        string type,
        string inputs,
        float constant,
        int rows,
        int columns,
        float expected
    )
    {
        float[] input = [3, 3];
        foreach (var dimensions in new[] { Array.Empty<int>(), [1], [2, rows, columns], [1, 2, rows, columns] })
        {
            var values = Enumerable.Repeat(constant, dimensions.Contains(2) ? 2 : 1).ToArray();
            var model = Create([1, 2, 1, 1]).Constant("c", dimensions, values).Node(type, inputs, "y").Import();
            Assert.Equal("batch_norm", Assert.Single(model.Graph.Nodes).Operator.Mnemonic);
            Assert.Equal([expected, expected], Networks.Run(model, input));
        }
    }

    [Fact]
    public void Slices_splits_and_single_channels_become_slices()
    {
        var slices = Create(Image)
            .Integers("b", -3, 1)
            .Integers("e", long.MaxValue, 3)
            .Integers("a", 1, -1)
            .Integers("s", 2, 1)
            .Node("Slice", "x b e a s", "y");
        Assert.Equal(["y.slice = slice(x) [1,2,3,3]", "y = slice(y.slice) [1,2,3,2]"], slices.ImportedNodes());
        var split = Create(Image, 18)
            .Node("Split", "x", "p q", Integer("axis", 1), Integer("num_outputs", 2))
            .Node("Concat", "q p", "y", Integer("axis", -3));
        Assert.Equal(["p = slice(x) [1,2,3,3]", "q = slice(x) [1,2,3,3]", "y = concat(q, p) [1,4,3,3]"], split.ImportedNodes());
        var parts = Create(Image, 11).Node("Split", "x", "p y", Integer("axis", 1), List("split", 1, 3));
        Assert.Equal(
            new Slice
            {
                Axis = 1,
                Begin = 1,
                End = 4,
            },
            Assert.Single(parts.Import().Graph.Nodes).Operator
        );
        var gather = Create(Image, 11).Integers("i", -1);
        gather.Graph.Initializer[0].Dims.Clear();
        gather.Node("Gather", "x i", "g", Integer("axis", 1)).Node("Unsqueeze", "g", "y", List("axes", 1));
        Assert.Equal(["y = slice(x) [1,1,3,3]"], gather.ImportedNodes().Select(line => line.Replace("g.slice", "y")));
    }

    [Fact]
    public void A_channel_shuffle_is_one_operator()
    {
        var file = Create(Image)
            .Integers("five", 1, 2, 2, 3, 3)
            .Integers("four", 1, -1, 3, 3)
            .Node("Reshape", "x five", "r")
            .Node("Transpose", "r", "t", List("perm", 0, 2, 1, 3, 4))
            .Node("Reshape", "t four", "y");
        Assert.Equal(["y = channel_shuffle(x) [1,4,3,3]"], file.ImportedNodes());
    }

    [Fact]
    public void Pads_come_from_attributes_or_inputs_and_none_at_all_vanish()
    {
        var expected = new Pad { Padding = new Padding(1, 0, 0, 2), Value = -1 };
        var inputs = Create(Image, 18).Integers("p", 1, 0, 0, 2).Integers("a", 2, -1).Constant("v", [], -1).Node("Pad", "x p v a", "y");
        Assert.Equal(expected, Assert.Single(inputs.Import().Graph.Nodes).Operator);
        var none = Create(Image).Integers("p", 0, 0, 0, 0, 0, 0, 0, 0).Node("Pad", "x p", "q").Node("Relu", "q", "y");
        Assert.Equal(["y = relu(x) [1,4,3,3]"], none.ImportedNodes());
    }

    [Fact]
    public void GlobalMaxPool_is_a_window_of_the_whole_image() =>
        Assert.Equal(["y = max_pool(x) [1,4,1,1]"], Create(Image).Node("GlobalMaxPool", "x", "y").ImportedNodes());

    [Fact]
    public void A_transposed_input_and_a_transposed_weight_meet_their_layer()
    {
        var gemm = Create([1, 3]).Weight("w", 3, 2).Node("Transpose", "x", "t").Node("Gemm", "t w", "y", Integer("transA", 1));
        var product = Create([1, 3]).Weight("w", 2, 3).Node("Transpose", "w", "t").Node("MatMul", "x t", "y");
        Assert.Equal(["y = linear(x) [1,2]"], gemm.ImportedNodes());
        Assert.Equal(["y = linear(x) [1,2]"], product.ImportedNodes());
        var original = Create([1, 3]).Weight("w", 2, 3).Node("Gemm", "x w", "y", Integer("transB", 1)).Import();
        Assert.Equal(Networks.Run(original), Networks.Run(product.Import()));
    }
}

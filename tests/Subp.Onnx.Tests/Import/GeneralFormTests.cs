using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Onnx.Protos;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;
using AttributeType = Subp.Onnx.Protos.AttributeProto.Types.AttributeType;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>Values of any rank, constants among the operands, forms of old opsets, branches, and networks that are cut.</summary>
public class GeneralFormTests
{
    [Fact]
    public void A_line_is_an_image_of_one_row()
    {
        var file = Create([1, 1, 4])
            .Constant("w", [1, 1, 2], 1, 10)
            .Node("Conv", "x w", "c")
            .Node("MaxPool", "c", "y", List("kernel_shape", 2));
        Assert.Equal([32, 43], Run(file, 1, 2, 3, 4));
    }

    [Fact]
    public void A_volume_of_depth_1_is_an_image()
    {
        var file = Create([1, 1, 1, 2, 3])
            .Constant("w", [1, 1, 1, 1, 2], 1, 10)
            .Node("Conv", "x w", "c", List("strides", 2, 1, 1), List("pads", 0, 0, 0, 0, 0, 1), List("kernel_shape", 1, 1, 2))
            .Node("MaxPool", "c", "p", List("kernel_shape", 1, 2, 1), List("strides", 1, 1, 1))
            .Constant("t", [1, 1, 1, 1, 2], 1, 2)
            .Node("ConvTranspose", "p t", "y", List("strides", 1, 1, 2));
        Assert.Equal([1, 1, 1, 1, 6], file.Import().Graph.ShapeOf(file.Import().Graph.Outputs[0]).Dimensions);
        Assert.Equal([54, 108, 65, 130, 6, 12], Run(file, 1, 2, 3, 4, 5, 6));
    }

    [Fact]
    public void Layers_of_a_volume_follow_one_another_as_convolutions_of_images()
    {
        var file = Create([1, 2, 6, 8, 8])
            .Weight("a", 8, 2, 3, 3, 3)
            .Weight("b", 8, 8, 1, 3, 3)
            .Weight("n", 8)
            .Weight("v", 8)
            .Node("Conv", "x a", "c", List("pads", 1, 1, 1, 1, 1, 1))
            .Node("BatchNormalization", "c n n n v", "m")
            .Node("Relu", "m", "r")
            .Node("Conv", "r b", "d", List("pads", 0, 1, 1, 0, 1, 1))
            .Node("Add", "d r", "s")
            .Node("Relu", "s", "t")
            .Node("GlobalAveragePool", "t", "y");
        var graph = file.Import().Graph;
        var mnemonics = graph.Nodes.Select(node => node.Operator.Mnemonic).ToArray();
        string[] layers = ["conv2d", "batch_norm", "relu", "conv2d", "add", "relu"];
        var first = Array.IndexOf(mnemonics, "conv2d");
        Assert.Equal(layers, mnemonics[first..(first + layers.Length)]);
        Assert.Equal(new TensorShape(6, 8, 8, 8), graph.Nodes[first].Shape);
        Assert.Equal(new TensorShape(8, 6, 3, 3), graph.Parameters.Single(parameter => parameter.Name == "a").Shape);
    }

    [Theory]
    [InlineData("MaxPool", 2, 1)]
    [InlineData("AveragePool", 3, 2)]
    public void A_pool_whose_windows_may_hold_padding_alone_is_refused_with_advice(string pool, int pad, int dilation)
    {
        var file = Create([1, 1, 4, 4], 19)
            .Node(pool, "x", "y", List("kernel_shape", 2, 2), List("dilations", dilation, dilation), List("pads", 0, pad, 0, 0));
        var diagnostic = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Contains(FormattableString.Invariant($"pads [0,{pad},0,0]"), diagnostic.Found, StringComparison.Ordinal);
        Assert.Contains("ONNX Runtime refuses it", diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_of_any_shape_meets_a_value_on_either_side()
    {
        Assert.Equal([11, 22, 13, 24], Run(Create([2, 2]).Constant("c", [2, 2], 10, 20, 10, 20).Node("Add", "c x", "y"), 1, 2, 3, 4));
        Assert.Equal([9, 18, 7, 16], Run(Create([2, 1, 2]).Constant("c", [2], 10, 20).Node("Sub", "c x", "y"), 1, 2, 3, 4));
        Assert.Equal([1, 2, 3, 7], Run(Create([1, 3]).Constant("c", [1, 1], 7).Node("Concat", "x c", "y", Integer("axis", -1)), 1, 2, 3));
        Assert.Equal([5, 11], Run(Create([2, 1]).Constant("w", [2, 2], 1, 2, 3, 4).Node("MatMul", "w x", "y"), 1, 2));
    }

    [Fact]
    public void What_constants_alone_decide_is_computed_by_the_interpreter()
    {
        var file = Create([1, 2])
            .Constant("i", [1, 1, 2, 2], 1, 2, 3, 4)
            .Constant("w", [1, 1, 2, 2], 1, 1, 1, 1)
            .Node("Conv", "i w", "c")
            .Node("Softmax", "c", "s")
            .Node("MaxPool", "i", "p", List("kernel_shape", 2, 2))
            .Node("Mul", "s p", "f")
            .Node("Mul", "x f", "y");
        var model = file.Import();
        Assert.DoesNotContain(model.Graph.Nodes, node => node.Operator is Conv2d or Softmax or Pool2d);
        Assert.Equal([4, 8], Run(file, 1, 2));
    }

    [Fact]
    public void Attributes_of_old_opsets_are_read()
    {
        Assert.Equal(
            [2, 3],
            Run(Create([1, 4], 9).Node("Slice", "x", "y", List("axes", 1), List("starts", 1), List("ends", -1)), 1, 2, 3, 4)
        );
        Assert.Equal(
            [1, 1, 2, 2],
            Run(Create([1, 1, 1, 2], 7).Node("Upsample", "x", "y", Reals("scales", 1, 1, 1, 2), Text("mode", "nearest")), 1, 2)
        );
        Assert.Equal([0, 2], Run(Create([1, 2], 9).Node("Clip", "x", "y", Real("min", 0), Real("max", 2)), -1, 3));
        Assert.Equal([0, 1, 0], Run(Create([1, 1], 9).Node("Pad", "x", "y", List("pads", 0, 1, 0, 1)), 1));
        Assert.Equal([3], Run(Create([1, 2], 12).Node("ReduceSum", "x", "y", List("axes", 1)), 1, 2));
    }

    [Fact]
    public void Truth_values_are_numbers_and_integers_come_back_to_real_ones()
    {
        var file = Create([1, 3])
            .Constant("t", [], 1.5f)
            .Node("Greater", "x t", "g")
            .Node("Not", "g", "n")
            .Node("Where", "n x t", "w")
            .Node("Cast", "g", "f", Integer("to", 1))
            .Node("Add", "w f", "y");
        Assert.Equal([1, 2.5f, 2.5f], Run(file, 1, 2, 3));
        Assert.Equal(
            [2],
            Run(Create([1, 3]).Node("ArgMax", "x", "a", Integer("axis", 1)).Node("Cast", "a", "y", Integer("to", 1)), 1, 2, 3)
        );
    }

    [Theory]
    [InlineData(1, -1)]
    [InlineData(0, 2)]
    public void The_branch_of_a_known_condition_takes_the_place_of_the_node(int condition, float expected)
    {
        var file = Create([1, 2]).Integers("two", 2).Node("Shape", "x", "s").Integers("axis", 1).Node("Gather", "s axis", "extent");
        file.Integers("wanted", condition == 1 ? 2 : 3).Node("Equal", "extent wanted", "c");
        file.Node("If", "c", "y", Branch("then_branch", "Neg", "x"), Branch("else_branch", "Add", "x", "x"));
        Assert.Equal([expected, 2 * expected], Run(file, 1, 2));
    }

    [Theory]
    [InlineData("ScatterND", "1,0,0,1", new long[] { 2, 2 }, new float[] { 0, 8, 7, 4 })]
    [InlineData("ScatterND", "1", new long[] { 1, 1 }, new float[] { 1, 2, 7, 8 })]
    [InlineData("ScatterElements", "1,-2", new long[] { 1, 2 }, new float[] { 0, 8, 7, 4 })]
    public void Updates_at_constant_places_are_a_choice_of_elements(string type, string indices, long[] shape, float[] expected)
    {
        var file = Create([2, 2], 16).Constant("u", type == "ScatterND" && shape[0] == 2 ? [2] : [1, 2], 7, 8);
        file.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "i",
                DataType = (int)DataType.Int64,
                Dims = { shape },
                Int64Data = { indices.Split(',').Select(long.Parse) },
            }
        );
        expected = [.. expected.Select((value, index) => value == 0 ? index + 1f : value)];
        Assert.Equal(expected, Run(file.Node(type, "x i u", "y"), 1, 2, 3, 4));
        file.Graph.Node[0].Attribute.Add(Text("reduction", "add"));
        Assert.Equal("SUBP0404", Assert.Throws<SubpException>(() => file.Import()).Diagnostic.Descriptor.Id);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 1.25f)]
    public void An_average_with_gaps_divides_by_the_elements_that_count(int counted, float corner)
    {
        var file = Create([1, 1, 3, 3], 19)
            .Node("AveragePool", "x", "y", List("kernel_shape", 2, 2), List("dilations", 2, 2), Integer("count_include_pad", counted));
        Assert.Equal([5], Run(file, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        // One of the four elements of the corner's window lies inside of the image.
        file.Graph.Node[0].Attribute.Add(List("pads", 1, 1, 0, 0));
        var output = Run(file, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Assert.Equal(4, output.Length);
        Assert.Equal(corner, output[0], 1e-6f);
        Assert.Equal(5, output[3], 1e-6f);
    }

    [Fact]
    public void Other_outputs_cut_the_network_in_front_of_what_cannot_be_imported()
    {
        var file = Create([1, 2]).Node("Relu", "x", "r").Node("Neg", "r", "n").Node("NonMaxSuppression", "n", "y");
        var refusal = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Contains("--outputs NAME", refusal.Action, StringComparison.Ordinal);
        var model = file.Import(new ImportOptions { Outputs = ["n", "r"] });
        Assert.Equal(["n", "r"], model.Graph.Outputs);
        var unknown = Assert.Throws<SubpException>(() => file.Import(new ImportOptions { Outputs = ["q"] })).Diagnostic;
        Assert.Equal(("SUBP0409", "net.onnx: output 'q'"), (unknown.Descriptor.Id, unknown.Location));
    }

    [Theory]
    [InlineData(10, "constant")]
    [InlineData(100_000, "constant pad")]
    public void What_is_far_larger_than_the_constants_that_it_is_made_of_stays_in_the_network(int behind, string expected)
    {
        var file = Create([1, 1]).Constant("c", [1, 1], 5).Integers("pads", 0, 0, 0, behind).Node("Pad", "c pads", "p");
        var model = file.Node("Add", "x p", "y").Import();
        Assert.Equal($"{expected} add", string.Join(" ", model.Graph.Nodes.Select(node => node.Operator.Mnemonic)));
        Assert.Equal(behind + 1, Run(file, 1).Length);
    }

    [Fact]
    public void Two_outputs_may_be_one_value_or_a_constant()
    {
        var file = Create([1, 2]).Node("Relu", "x", "y").Node("Identity", "y", "z").Constant("k", [1], 5);
        file.Graph.Output.Add(new ValueInfoProto { Name = "z" });
        file.Graph.Output.Add(new ValueInfoProto { Name = "k" });
        var model = file.Import();
        Assert.Equal(["y", "z", "k"], model.Graph.Outputs);
        var values = new ReferenceInterpreter(model).RunAll(new Dictionary<string, float[]> { ["x"] = [-1, 2] });
        Assert.Equal([0, 2], values["z"]);
        Assert.Equal([5], values["k"]);
    }

    private static AttributeProto Branch(string name, string operatorType, params string[] inputs) =>
        new()
        {
            Name = name,
            Type = AttributeType.Graph,
            G = new GraphProto
            {
                Node =
                {
                    new NodeProto
                    {
                        OpType = operatorType,
                        Input = { inputs },
                        Output = { $"{name}.result" },
                    },
                },
                Output = { new ValueInfoProto { Name = $"{name}.result" } },
            },
        };

    private static AttributeProto Reals(string name, params float[] values) =>
        new()
        {
            Name = name,
            Type = AttributeType.Floats,
            Floats = { values },
        };

    private static float[] Run(OnnxFile file, params float[] input)
    {
        var model = file.Import();
        var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
        new ReferenceInterpreter(model).Run(input, output);
        return output;
    }
}

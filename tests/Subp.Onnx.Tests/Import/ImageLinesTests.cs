using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Import;
using Subp.Testing;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Onnx.Tests.Import;

/// <summary>Networks over lines before and after their steps go to images of one row.</summary>
public sealed class ImageLinesTests
{
    private const int Batch = 2,
        Channels = 4,
        Length = 9;

    private static readonly TensorShape s_image = new(Batch, Channels, 1, Length);

    private static readonly Dictionary<string, Func<GraphBuilder, string, string>> s_steps = new()
    {
        ["relu"] = (builder, x) => builder.Node("y", Activate.Relu, x),
        ["sigmoid"] = (builder, x) => builder.Node("y", Activate.Sigmoid, x),
        ["batch norm"] = (builder, x) => builder.BatchNorm("y", x),
        ["sum"] = (builder, x) => builder.Node("y", new Add { Activation = Activation.Relu }, x, builder.Node("s", Activate.Sigmoid, x)),
        ["sum with a line of another kind"] = (builder, x) => builder.Node("y", new Add(), Other(builder, Channels, Length), x),
        ["row"] = (builder, x) => builder.Node("y", new Mul(), x, builder.Node("row", new Reshape(Length), Row(builder))),
        ["gate"] = (builder, x) => builder.Node("y", new Mul(), x, builder.Node("mean", Mean(keep: true), x)),
        ["maximum"] = (builder, x) => builder.Node("y", new Binary { Kind = BinaryKind.Maximum }, x, Other(builder, Channels, 1)),
        ["where"] = (builder, x) => builder.Node("y", new Where(), Other(builder, 1, Length), x, builder.Node("s", Activate.Sigmoid, x)),
        ["channels side by side"] = (builder, x) => builder.Node("y", new Concat(), x, builder.Node("s", Activate.Sigmoid, x)),
        ["lines one behind the other"] = (builder, x) => builder.Node("y", new Concat { Axis = 2 }, x, builder.Node("s", Activate.Relu, x)),
        ["some channels"] = (builder, x) => builder.Node("y", Slice(axis: 1, 1, 3), x),
        ["a piece"] = (builder, x) => builder.Node("y", Slice(axis: 2, 2, 7), x),
        ["padding"] = (builder, x) => builder.Node("y", new Pad { Pads = (int[])[0, 0, 3, 0, 0, 1], Value = 2 }, x),
        ["reflection"] = (builder, x) => builder.Node("y", new Pad { Pads = (int[])[2, 1], Mode = PadMode.Reflect }, x),
        ["mean"] = (builder, x) => builder.Node("y", Mean(keep: true), x),
        ["bytes and back"] = (builder, x) =>
            builder.Node(
                "y",
                new Dequantize(),
                builder.Node(
                    "b",
                    Activate.Relu,
                    new Quantization(0.05f, 3),
                    builder.Node("q", new Quantize(), new Quantization(0.05f, 3), x)
                )
            ),
        ["two steps"] = (builder, x) => builder.Node("y", Activate.Sigmoid, builder.Node("s", Activate.Relu, x)),
    };

    public static TheoryData<string> Steps => [.. s_steps.Keys];

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_step_between_two_images_is_one_of_images_with_the_same_result(string step)
    {
        var builder = new GraphBuilder("lines");
        var line = s_steps[step](builder, Line(builder));
        var shape = builder.ShapeOf(line);
        builder.Output(builder.Node("z", Activate.Relu6, builder.Node("image", new Reshape(shape[0], shape[1], 1, shape[2]), line)));
        var lifted = AssertSame(builder.Build());
        // What the line was made of may still be made into others, but nothing goes back.
        Assert.DoesNotContain(lifted.Nodes, node => node.Operator is Reshape && node.Shape.Rank == 3 && node.Name is "x" or "y");
        Assert.All(
            lifted.Nodes.Where(node => node.Name.EndsWith("y.image", StringComparison.Ordinal)),
            node => Assert.True(node.Shape.IsImage)
        );
    }

    [Fact]
    public void Means_and_lines_that_become_vectors_come_from_images()
    {
        var builder = new GraphBuilder("lines");
        var line = Line(builder);
        builder.Output(builder.Node("mean", Mean(keep: false), line));
        builder.Output(builder.Node("flat", new Reshape(Batch, Channels * Length), builder.Node("r", Activate.Relu, line)));
        var lifted = AssertSame(builder.Build());
        Assert.DoesNotContain(lifted.Nodes, node => node.Shape.Rank == 3);
    }

    [Fact]
    public void What_mixes_channels_or_places_stays_a_step_of_lines()
    {
        var builder = new GraphBuilder("lines");
        var line = Line(builder);
        builder.Output(builder.Node("turned", new Transpose { Permutation = (int[])[0, 2, 1] }, line));
        builder.Output(builder.Node("share", new Softmax { Axis = 2 }, line));
        builder.Output(builder.Node("channels", new Pad { Pads = (int[])[1, 0, 0, 0] }, line));
        builder.Output(
            builder.Node("matrix", new Add(), line, builder.Node("rows", new Reshape(Channels, Length), Row(builder, Channels)))
        );
        var graph = builder.Build();
        Assert.Equal(graph.Nodes, AssertSame(graph).Nodes);
    }

    [Fact]
    public void A_value_that_is_made_does_not_take_the_name_of_an_output()
    {
        var file = Create([1, 2, 12])
            .Weight("a", 8, 2, 3)
            .Weight("b", 4, 8, 1)
            .Node("Conv", "x a", "c")
            .Node("Relu", "c", "r")
            .Node("Conv", "r b", "d")
            .Node("Identity", "d", "r.image");
        file.Graph.Output[0] = Value("r.image");
        file.Graph.Output[0].Type.TensorType.Shape = null;
        Assert.Equal(["r.image"], file.Import().Graph.Outputs);
    }

    [Fact]
    public void Lines_that_are_outputs_are_still_made()
    {
        var builder = new GraphBuilder("lines");
        var line = builder.Node("y", Activate.Relu, Line(builder));
        builder.Output(line);
        builder.Output(builder.Node("back", new Reshape(s_image.Dimensions), line));
        Assert.Equal(["y", "back"], AssertSame(builder.Build()).Outputs);
    }

    [Fact]
    public void A_network_without_lines_is_the_same_one()
    {
        var builder = new GraphBuilder("images");
        builder.Output(builder.Node("y", Activate.Relu, builder.Input("image", s_image)));
        var graph = builder.Build();
        Assert.Same(graph, ImageLines.Lift(graph, []));
    }

    [Fact]
    public void Convolutions_of_a_file_over_lines_follow_one_another()
    {
        var file = Create([1, 2, 12])
            .Weight("a", 8, 2, 3)
            .Weight("b", 8, 8, 3)
            .Node("Conv", "x a", "c")
            .Node("Relu", "c", "r")
            .Node("Conv", "r b", "d", List("pads", 1, 1))
            .Node("Add", "d r", "s")
            .Node("GlobalAveragePool", "s", "m")
            .Node("Flatten", "m", "y");
        Assert.Equal(
            ["reshape", "conv2d", "relu", "conv2d", "add", "global_avg_pool", "flatten"],
            file.Import().Graph.Nodes.Select(node => node.Operator.Mnemonic)
        );
    }

    private static string Line(GraphBuilder builder) =>
        builder.Node("x", new Reshape(Batch, Channels, Length), builder.Input("in", s_image));

    private static string Other(GraphBuilder builder, int channels, int length) =>
        builder.Input("other", new TensorShape(Batch, channels, length));

    private static string Row(GraphBuilder builder, int rows = 1) => builder.Input("numbers", new TensorShape(rows, Length));

    private static Reduce Mean(bool keep) =>
        new()
        {
            Kind = ReduceKind.Mean,
            Axes = (int[])[2],
            KeepDimensions = keep,
        };

    private static Slice Slice(int axis, int begin, int end) =>
        new()
        {
            Axis = axis,
            Begin = begin,
            End = end,
        };

    private static Graph AssertSame(Graph graph)
    {
        var lifted = UnusedParts.Remove(ImageLines.Lift(graph, []));
        GraphVerifier.Verify(lifted);
        var model = RandomWeights.For(graph, seed: 3);
        var inputs = graph.Inputs.ToDictionary(input => input.Name, input => RandomWeights.Input(input.Shape, seed: 5));
        var (expected, found) = (Run(model, inputs), Run(model with { Graph = lifted }, inputs));
        foreach (var output in graph.Outputs)
            Assert.Equal(expected[output], found[output]);
        return lifted;
    }

    private static IReadOnlyDictionary<string, double[]> Run(Model model, Dictionary<string, float[]> inputs) =>
        new ReferenceInterpreter(model).RunAll(inputs);
}

using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Xunit;

namespace Subp.Onnx.Tests.Export;

/// <summary>Graph to ONNX and back.</summary>
public class RoundTripTests
{
    private static readonly Dictionary<string, Func<Graph>> Cases = new(StringComparer.Ordinal)
    {
        ["convolution"] = () =>
            Build(
                [2, 4, 9, 11],
                (builder, x) =>
                    builder.Conv2d(
                        "y",
                        x,
                        8,
                        new Window(new Extent(3, 2), new Extent(2, 1), new Padding(1, 0, 2, 1), new Extent(1, 2)),
                        groups: 2,
                        bias: true
                    )
            ),
        ["batch norm"] = () => Build([1, 4, 5, 5], (builder, x) => builder.BatchNorm("y", x)),
        ["batch norm of vectors"] = () => Build([3, 4], (builder, x) => builder.BatchNorm("y", x)),
        ["relu"] = () => Build([1, 4, 5, 5], (builder, x) => builder.Node("y", Activate.Relu, x)),
        ["relu6"] = () => Build([1, 4, 5, 5], (builder, x) => builder.Node("y", Activate.Relu6, x)),
        ["clip above"] = () =>
            Build([1, 9], (builder, x) => builder.Node("y", new Activate { Activation = new Activation(float.NegativeInfinity, 0.5f) }, x)),
        ["clip below"] = () =>
            Build(
                [1, 9],
                (builder, x) => builder.Node("y", new Activate { Activation = new Activation(-0.5f, float.PositiveInfinity) }, x)
            ),
        ["add"] = () => Build([1, 4, 5, 5], (builder, x) => builder.Node("y", new Add(), x, builder.Node("r", Activate.Relu, x))),
        ["max pool"] = () =>
            Build(
                [1, 4, 9, 8],
                (builder, x) =>
                    builder.Node(
                        "y",
                        new Pool2d
                        {
                            Kind = PoolKind.Maximum,
                            Window = new Window(new Extent(3, 2), new Extent(2, 1), new Padding(1, 0, 1, 1), new Extent(1, 2)),
                        },
                        x
                    )
            ),
        ["average pool"] = () =>
            Build(
                [1, 4, 9, 8],
                (builder, x) => builder.Node("y", new Pool2d { Kind = PoolKind.Average, Window = Window.Square(3, 2, 1) }, x)
            ),
        ["average pool that counts padding"] = () =>
            Build(
                [1, 4, 9, 8],
                (builder, x) =>
                    builder.Node(
                        "y",
                        new Pool2d
                        {
                            Kind = PoolKind.Average,
                            Window = Window.Square(3, 2, 1),
                            CountIncludesPadding = true,
                        },
                        x
                    )
            ),
        ["global average pool"] = () => Build([2, 4, 5, 7], (builder, x) => builder.Node("y", new GlobalAveragePool(), x)),
        ["flatten"] = () => Build([2, 4, 2, 3], (builder, x) => builder.Node("y", new Flatten(), x)),
        ["reshape"] = () => Build([2, 4, 2, 3], (builder, x) => builder.Node("y", new Reshape(2, 6, 4, 1), x)),
        ["linear"] = () => Build([2, 7], (builder, x) => builder.Linear("y", x, 5)),
        ["softmax"] = () => Build([2, 7], (builder, x) => builder.Node("y", new Softmax(), x)),
    };

    public static TheoryData<string> CaseNames => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void An_operator_comes_back_as_it_was_with_the_same_values(string name)
    {
        var model = Networks.WithWeights(Cases[name]());
        var back = OnnxImporter.Import(OnnxExporter.Export(model), "back.onnx");
        Assert.Equal(SubpPrinter.Print(model.Graph), SubpPrinter.Print(back.Graph));
        foreach (var parameter in model.Graph.Parameters)
            Assert.Equal(model.Weights[parameter.Name].Values, back.Weights[parameter.Name].Values);
        Assert.Equal(Networks.Run(model), Networks.Run(back));
    }

    [Fact]
    public void Fused_operators_are_taken_apart_and_compute_the_same()
    {
        var model = Networks.WithWeights(
            Build(
                [1, 4, 6, 6],
                (builder, x) =>
                {
                    var weight = builder.Parameter("w", new TensorShape(4, 4, 3, 3));
                    var fused = builder.Node(
                        "fused",
                        new Conv2d
                        {
                            Weight = weight,
                            Window = Window.Square(3, 1, 1),
                            Activation = Activation.Relu,
                        },
                        x,
                        x
                    );
                    var clipped = builder.Node(
                        "clipped",
                        new Conv2d
                        {
                            Weight = weight,
                            Window = Window.Square(3, 1, 1),
                            Activation = Activation.Relu6,
                        },
                        fused
                    );
                    var sum = builder.Node("sum", new Add { Activation = new Activation(-1, 1) }, clipped, fused);
                    var copy = builder.Node("copy", new ChangeLayout(), [sum], Layout.Blocked16);
                    var vector = builder.Node("vector", new Flatten(), copy);
                    return builder.Node(
                        "y",
                        new Linear { Weight = builder.Parameter("v", new TensorShape(3, 144)), Activation = Activation.Relu },
                        vector
                    );
                }
            )
        );
        var back = OnnxImporter.Import(OnnxExporter.Export(model), "back.onnx");
        Assert.Equal(
            ["fused.conv", "fused.add", "fused", "clipped.conv", "clipped", "sum.add", "sum", "vector", "y.linear", "y"],
            back.Graph.Nodes.Select(node => node.Name)
        );
        Assert.Equal(Networks.Run(model), Networks.Run(back));
    }

    [Fact]
    public void Class_names_and_normalisation_come_back()
    {
        var metadata = new ModelMetadata
        {
            ClassNames = ["T-shirt, top", "\"Tr\u00e4ger\"", ""],
            NormalizationMean = [0.1f, 1f / 3],
            NormalizationDeviation = [1e-7f, 2],
        };
        var model = Networks.WithWeights(Build([1, 3], (builder, x) => builder.Node("y", new Softmax(), x)));
        var back = OnnxImporter
            .Import(OnnxExporter.Export(model with { Graph = model.Graph.With(metadata: metadata) }), "back.onnx")
            .Graph.Metadata;
        Assert.Equal(metadata.ClassNames, back.ClassNames);
        Assert.Equal(metadata.NormalizationMean, back.NormalizationMean);
        Assert.Equal(metadata.NormalizationDeviation, back.NormalizationDeviation);
    }

    [Fact]
    public void A_parameter_that_bears_the_name_of_a_value_is_renamed()
    {
        var model = Networks.WithWeights(
            Build([1, 3], (builder, x) => builder.Node("y", new Linear { Weight = builder.Parameter("y", new TensorShape(3, 3)) }, x))
        );
        var back = OnnxImporter.Import(OnnxExporter.Export(model), "back.onnx");
        Assert.Equal(["y.2"], back.Graph.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(Networks.Run(model), Networks.Run(back));
    }

    [Theory]
    [InlineData("residual-folded-opset11")]
    [InlineData("residual-opset17")]
    [InlineData("mobile-opset13")]
    public void An_imported_network_survives_export(string name)
    {
        var model = OnnxImporter.ImportFile(Path.Combine(AppContext.BaseDirectory, "Data", $"{name}.onnx"));
        var back = OnnxImporter.Import(OnnxExporter.Export(model), "back.onnx");
        Assert.Equal(SubpPrinter.Print(model.Graph), SubpPrinter.Print(back.Graph));
        Assert.Equal(Networks.Run(model), Networks.Run(back));
    }

    private static Graph Build(int[] input, Func<GraphBuilder, string, string> body)
    {
        var builder = new GraphBuilder("net");
        builder.Output(body(builder, builder.Input("x", new TensorShape(input))));
        return builder.Build();
    }
}

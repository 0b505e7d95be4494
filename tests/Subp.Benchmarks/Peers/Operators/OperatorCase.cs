using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Numerics;

namespace Subp.Benchmarks.Peers.Operators;

/// <summary>
/// A network of one operator, or of the few that one operator of a network is made of, on dense values of a size that networks have.
/// </summary>
/// <param name="Title">The operator and the network that has it in this size, as the table calls it.</param>
/// <param name="Input">The shape of the input.</param>
/// <param name="Nodes">Adds the nodes behind the input and returns the name of the output.</param>
internal sealed record OperatorCase(string Title, int[] Input, Func<GraphBuilder, string, string> Nodes)
{
    private const ulong Seed = 1;
    private static readonly int[] Tokens = [197, 768];

    // Images have one dimension less than those of convolutions, which lie in blocks of channels: these are the kernels of dense values.
    private static readonly int[] Features = [64, 80, 80];

    /// <summary>All of them, in the order of the table.</summary>
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        new("Add, detector 64x80x80", Features, (graph, x) => graph.Node("y", new Add(), x, Table(graph, Features))),
        new("Mul by channel, detector 64x80x80", Features, (graph, x) => graph.Node("y", new Mul(), x, Table(graph, 64, 1, 1))),
        new("Mul by pixel, detector 64x80x80", Features, (graph, x) => graph.Node("y", new Mul(), x, Table(graph, 1, 80, 80))),
        Function("Sigmoid, detector 64x80x80", ActivationKind.Sigmoid),
        Function("Exp, detector 64x80x80", ActivationKind.Exp),
        Function("Erf, detector 64x80x80", ActivationKind.Erf),
        Function("HardSwish, detector 64x80x80", ActivationKind.HardSwish),
        new("Gelu, ViT 197x3072", [1, 197, 3072], (graph, x) => graph.Node("y", new Activate(Activation.Of(ActivationKind.Gelu)), x)),
        new(
            "PRelu, detector 64x80x80",
            Features,
            (graph, x) => graph.Node("y", new Binary { Kind = BinaryKind.ParametricRelu }, x, Table(graph, 64, 1, 1))
        ),
        Resized("Resize nearest x2, detector 128x40x40", [1, 128, 40, 40], ResizeMode.Nearest, 80),
        Resized("Resize linear x2, U-Net 64x64x64", [1, 64, 64, 64], ResizeMode.Linear, 128),
        Resized("Resize linear x8, segmentation 21x28x28", [1, 21, 28, 28], ResizeMode.Linear, 224),
        new("Softmax of rows, ViT 12x197x197", [12, 197, 197], (graph, x) => graph.Node("y", new Softmax { Axis = 2 }, x)),
        new("Softmax of channels, segmentation 21x224x224", [21, 224, 224], (graph, x) => graph.Node("y", new Softmax { Axis = 0 }, x)),
        new(
            "ReduceMean of pixels, 512x28x28",
            [512, 28, 28],
            (graph, x) => graph.Node("y", new Reduce { Kind = ReduceKind.Mean, Axes = new[] { 1, 2 } }, x)
        ),
        new(
            "ReduceMean of channels, attention 256x40x40",
            [256, 40, 40],
            (graph, x) => graph.Node("y", new Reduce { Kind = ReduceKind.Mean, Axes = new[] { 0 } }, x)
        ),
        new(
            "LayerNorm, ViT 197x768",
            [1, .. Tokens],
            (graph, x) =>
                graph.Node(
                    "y",
                    new Normalize
                    {
                        Axes = new[] { 2 },
                        Scale = graph.Parameter("scale", new TensorShape(768)),
                        Shift = graph.Parameter("shift", new TensorShape(768)),
                    },
                    x
                )
        ),
        new(
            "Transpose to channels last, 64x80x80",
            Features,
            (graph, x) => graph.Node("y", new Transpose { Permutation = new[] { 1, 2, 0 } }, x)
        ),
        new(
            "Transpose of heads, ViT 197x12x64",
            [197, 12, 64],
            (graph, x) => graph.Node("y", new Transpose { Permutation = new[] { 1, 0, 2 } }, x)
        ),
        new(
            "Concat, U-Net 64x64x64 twice",
            [64, 64, 64],
            (graph, x) => graph.Node("y", new Concat { Axis = 0 }, x, Table(graph, 64, 64, 64))
        ),
        new(
            "Slice of columns, 64x80x80",
            Features,
            (graph, x) =>
                graph.Node(
                    "y",
                    new Slice
                    {
                        Axis = 2,
                        Begin = 8,
                        End = 72,
                    },
                    x
                )
        ),
        new(
            "Gather of columns, Swin 64x64x96",
            [64, 64, 96],
            (graph, x) =>
                graph.Node("y", new Gather { Axis = 1, Indices = Enumerable.Range(0, 64).Select(index => index * 29 % 64).ToArray() }, x)
        ),
        new(
            "MatMul of heads, ViT 12x197x64 by its transpose",
            [12, 197, 64],
            (graph, x) => graph.Node("y", new MatMul(), x, Turned(graph, x))
        ),
        new(
            "Linear layer, ViT 197x768 to 3072",
            [1, .. Tokens],
            (graph, x) =>
                graph.Node(
                    "y",
                    new Linear
                    {
                        Weight = graph.Parameter("weight", new TensorShape(3072, 768)),
                        Bias = graph.Parameter("bias", new TensorShape(3072)),
                    },
                    x
                )
        ),
        Transposed("ConvTranspose 2x2 by 2, U-Net 64 to 32, 64x64", 64, 32, 64, new Window(new(2, 2), new(2, 2), default, new(1, 1))),
        Transposed(
            "ConvTranspose 4x4 by 2, decoder 128 to 64, 28x28",
            128,
            64,
            28,
            new Window(new(4, 4), new(2, 2), new Padding(1, 1, 1, 1), new(1, 1))
        ),
    ];

    /// <summary>The network, with weights and tables between -1 and 1.</summary>
    public Model Build()
    {
        var builder = new GraphBuilder("operator");
        builder.Output(Nodes(builder, builder.Input("x", new TensorShape(Input))));
        var graph = builder.Build();
        var random = new DeterministicRandom(Seed);
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
        {
            var values = new float[parameter.Shape.ElementCount];
            for (var index = 0; index < values.Length; index++)
                values[index] = (float)((2 * random.NextDouble()) - 1);
            weights[parameter.Name] = new WeightTensor(parameter.Shape, values);
        }

        return new Model(graph, weights);
    }

    private static OperatorCase Function(string title, ActivationKind kind) =>
        new(title, Features, (graph, x) => graph.Node("y", new Activate(Activation.Of(kind)), x));

    private static OperatorCase Resized(string title, int[] input, ResizeMode mode, int side) =>
        new(
            title,
            input,
            (graph, x) =>
                graph.Node(
                    "y",
                    new Resize
                    {
                        Sizes = new[] { input[0], input[1], side, side },
                        Mode = mode,
                        Coordinates = mode == ResizeMode.Nearest ? ResizeCoordinates.Asymmetric : ResizeCoordinates.HalfPixel,
                        Rounding = ResizeRounding.Floor,
                    },
                    x
                )
        );

    private static OperatorCase Transposed(string title, int inputs, int outputs, int side, Window window) =>
        new(
            title,
            [1, inputs, side, side],
            (graph, x) =>
                graph.Node(
                    "y",
                    new ConvTranspose2d
                    {
                        Weight = graph.Parameter("weight", new TensorShape(inputs, outputs, window.Kernel.Height, window.Kernel.Width)),
                        Bias = graph.Parameter("bias", new TensorShape(outputs)),
                        Window = window,
                        OutputPadding = new Extent(0, 0),
                        Groups = 1,
                    },
                    x
                )
        );

    private static string Table(GraphBuilder graph, params int[] shape) =>
        graph.Node("table", new Constant { Value = graph.Parameter("values", new TensorShape(shape)) });

    private static string Turned(GraphBuilder graph, string x) =>
        graph.Node("turned", new Transpose { Permutation = new[] { 0, 2, 1 } }, x);
}

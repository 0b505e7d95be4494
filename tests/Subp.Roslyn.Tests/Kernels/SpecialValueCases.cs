using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Networks for infinities and NaN: every layer reads the image itself, so that a special value stays where the layer carries it, and a
/// concatenation makes one output of all.
/// </summary>
internal static class SpecialValueCases
{
    private static readonly Window Same = Window.Square(3, padding: 1);

    private static readonly Activation[] s_activations =
    [
        Activation.Relu,
        Activation.Relu6,
        new(-0.5f, 0.75f),
        new(float.NegativeInfinity, 0.25f),
        Activation.HardSigmoid(0.3f, 0.4f),
        Activation.HardSwish,
        Activation.Sigmoid,
        Activation.Silu,
    ];

    /// <summary>Cases in which the largest floats are possible inputs, since nothing is summed.</summary>
    public static IReadOnlyList<string> WithLargest => ["activations", "maxima", "maxima-strided", "moved"];

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            Of("activations", new TensorShape(2, 20, 6, 7), Activations),
            Of("maxima", new TensorShape(1, 20, 9, 11), Maxima),
            Of("maxima-strided", new TensorShape(2, 18, 12, 14), StridedMaxima),
            Of("moved", new TensorShape(2, 21, 6, 7), Moved),
            Of("sums", new TensorShape(2, 20, 6, 7), Sums),
            Of("softmax", new TensorShape(40, 12), (builder, image) => builder.Node("softmax", new Softmax(), image)),
            Of("features", new TensorShape(9, 40), Features),
            .. Enum.GetValues<UnrollMode>().Select(unroll => Of($"direct-{unroll}", new TensorShape(1, 32, 9, 17), Direct, unroll)),
            Of("winograd4", new TensorShape(2, 24, 14, 17), Winograd) with
            {
                Hints = Asked("winograd4"),
            },
            Of("winograd2", new TensorShape(2, 24, 9, 10), Winograd) with
            {
                Hints = Asked("winograd2"),
            },
            Of("stem", new TensorShape(2, 3, 19, 21), Stem) with
            {
                Hints = PlanHints.Create().Add("stem", "algorithm", "direct").Build(),
            },
            Of("winograd4x4", new TensorShape(2, 3, 119, 121), Stems) with
            {
                Hints = PlanHints.Create().Add("stem", "algorithm", "winograd4x4").Add("other", "algorithm", "winograd4x4").Build(),
            },
            Of("pooled-stems", new TensorShape(2, 3, 87, 121), PooledStems) with
            {
                Hints = PlanHints.Create().Add("stem", "algorithm", "winograd4x4").Add("other", "algorithm", "winograd4x4").Build(),
            },
        ];

    private static KernelCase Of(
        string name,
        TensorShape input,
        Func<GraphBuilder, string, string> layers,
        UnrollMode unroll = UnrollMode.Auto
    ) => KernelCase.Of(name, input, layers, unroll) with { ThreadCounts = [1, 3] };

    private static PlanHints Asked(string algorithm) =>
        new[] { "dense", "n8", "n16", "residual" }
            .Aggregate(PlanHints.Create(), (hints, layer) => hints.Add(layer, "algorithm", algorithm))
            .Build();

    private static string Stem(GraphBuilder builder, string image) =>
        builder.Conv2d("stem", image, 20, Window.Square(7, stride: 2, padding: 3), bias: true, activation: Activation.Relu);

    private static string Stems(GraphBuilder builder, string image) =>
        builder.Node(
            "join",
            new Concat(),
            Stem(builder, image),
            builder.Conv2d("other", image, 16, Window.Square(7, stride: 2, padding: 3), bias: true)
        );

    private static string PooledStems(GraphBuilder builder, string image)
    {
        string Pooled(string name, string stem) =>
            builder.Node(name, new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, stride: 2, padding: 1) }, stem);
        var other = builder.Conv2d("other", image, 16, Window.Square(7, stride: 2, padding: 3), bias: true);
        return builder.Node("join", new Concat(), Pooled("pool", Stem(builder, image)), Pooled("otherPool", other));
    }

    private static string Activations(GraphBuilder builder, string image) =>
        builder.Node(
            "join",
            new Concat(),
            [.. s_activations.Select((activation, index) => builder.Node($"alone{index}", new Activate(activation), image))]
        );

    private static string Maxima(GraphBuilder builder, string image)
    {
        string Maximum(string node, Window window) => builder.Node(node, new Pool2d { Kind = PoolKind.Maximum, Window = window }, image);
        return builder.Node(
            "join",
            new Concat(),
            Maximum("three", Same),
            Maximum("five", Window.Square(5, padding: 2)),
            Maximum("seven", Window.Square(7, padding: 3)),
            Maximum("wide", new Window(new(1, 4), Extent.One, new(0, 1, 0, 2), Extent.One)),
            Maximum("high", new Window(new(2, 1), Extent.One, new(1, 0, 0, 0), Extent.One)),
            Maximum("dilated", new Window(new(3, 2), Extent.One, new(2, 1, 2, 1), new(2, 2)))
        );
    }

    private static string StridedMaxima(GraphBuilder builder, string image)
    {
        string Maximum(string node, Window window) => builder.Node(node, new Pool2d { Kind = PoolKind.Maximum, Window = window }, image);
        return builder.Node(
            "join",
            new Concat(),
            Maximum("two", Window.Square(2, 2)),
            Maximum("three", Window.Square(3, 2, 1)),
            Maximum("four", Window.Square(4, 2, 1)),
            Maximum("five", Window.Square(5, 2, 2))
        );
    }

    private static string Moved(GraphBuilder builder, string image) =>
        builder.Node(
            "join",
            new Concat(),
            builder.Node("shuffle", new ChannelShuffle { Groups = 7 }, image),
            builder.Node(
                "part",
                new Slice
                {
                    Axis = 1,
                    Begin = 2,
                    End = 20,
                    Step = 3,
                },
                image
            ),
            image
        );

    private static string Sums(GraphBuilder builder, string image)
    {
        string Mean(string node, bool countsPadding) =>
            builder.Node(
                node,
                new Pool2d
                {
                    Kind = PoolKind.Average,
                    Window = Same,
                    CountIncludesPadding = countsPadding,
                },
                image
            );
        var gate = builder.Node("mean", new GlobalAveragePool(), image);
        return builder.Node(
            "join",
            new Concat(),
            Mean("inside", countsPadding: false),
            Mean("all", countsPadding: true),
            builder.Node("twice", new Add { Activation = Activation.Relu6 }, image, image),
            builder.Node("square", new Mul { Activation = Activation.HardSwish }, image, image),
            builder.Node("gated", new Mul { Activation = Activation.Silu }, image, gate),
            builder.Node("relu", Activate.Relu, builder.BatchNorm("norm", image))
        );
    }

    private static string Features(GraphBuilder builder, string image) =>
        builder.Node(
            "join",
            new Concat(),
            builder.Node("relu", Activate.Relu, builder.Linear("dense", image, 19)),
            builder.Node("sigmoid", Activate.Sigmoid, builder.Linear("other", image, 16)),
            builder.Node("clip", new Activate(new(-1, 1)), builder.Linear("sparse", image, 32, DrawnPattern.Uniform(16, 32, 40, 7)))
        );

    private static string Direct(GraphBuilder builder, string image)
    {
        string Sparse(string node, int blockLength, Window window, Activation activation, int kept = 9) =>
            builder.Conv2d(
                node,
                image,
                32,
                window,
                bias: true,
                pattern: DrawnPattern.Uniform(blockLength, 32, 32, kept),
                activation: activation
            );
        return builder.Node(
            "join",
            new Concat(),
            Sparse("n4", 4, Same, Activation.Relu),
            Sparse("n8", 8, Same, new(-0.5f, 0.75f)),
            Sparse("n16", 16, Window.Square(5, padding: 2), Activation.Relu6, kept: 5),
            Sparse("n32", 32, Window.Square(1), Activation.HardSwish),
            Sparse("smooth", 16, Window.Square(1), Activation.Sigmoid),
            builder.Node(
                "residual",
                new Add { Activation = Activation.Relu },
                Sparse("into", 16, Window.Square(1), Activation.None),
                image
            ),
            builder.Conv2d("pointwise", image, 20, Window.Square(1), bias: true, activation: Activation.HardSigmoid()),
            builder.Conv2d("five", image, 32, Window.Square(5, padding: 2), bias: true, activation: Activation.Silu),
            builder.Conv2d("depthwise", image, 32, Same, groups: 32, bias: true, activation: Activation.Relu),
            builder.Conv2d("halves", image, 32, Window.Square(5, padding: 2), groups: 2, activation: Activation.Relu),
            builder.Conv2d("eighths", image, 24, Window.Square(5, padding: 2), groups: 8, activation: Activation.Relu)
        );
    }

    private static string Winograd(GraphBuilder builder, string image) =>
        builder.Node(
            "join",
            new Concat(),
            builder.Conv2d("dense", image, 20, Same, bias: true, activation: Activation.Relu),
            builder.Conv2d("n8", image, 40, Same, pattern: DrawnPattern.Uniform(8, 40, 24, 6), activation: new(-0.5f, 0.75f)),
            builder.Conv2d("n16", image, 32, Same, bias: true, pattern: DrawnPattern.Uniform(16, 32, 24, 9), activation: Activation.Relu6),
            builder.Node(
                "sum",
                new Add { Activation = Activation.Relu6 },
                builder.Conv2d("residual", image, 24, Same, pattern: DrawnPattern.Uniform(8, 24, 24, 5)),
                image
            )
        );
}

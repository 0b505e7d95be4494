using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// What published networks have besides chains of convolutions: branches, growing concatenations, shuffles, gates, smooth activations.
/// </summary>
internal static class BranchCases
{
    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            KernelCase.Of("inception", new TensorShape(2, 32, 7, 9), Inception),
            KernelCase.Of("growing", new TensorShape(2, 32, 6, 5), (builder, image) => Growing(builder, image, 16)),
            KernelCase.Of("growing-unaligned", new TensorShape(1, 19, 6, 5), (builder, image) => Growing(builder, image, 12)),
            KernelCase.Of("shuffle", new TensorShape(2, 42, 5, 6), Shuffle),
            KernelCase.Of("shuffled-features", new TensorShape(3, 21), ShuffledFeatures),
            KernelCase.Of("gates", new TensorShape(2, 21, 6, 7), Gates),
            KernelCase.Of("smooth", new TensorShape(2, 20, 5, 7), Smooth),
            KernelCase.Of("smooth-lines", new TensorShape(1, 16, 4, 7), SmoothLines, UnrollMode.Full),
            KernelCase.Of("saturated", new TensorShape(1, 16, 4, 5), Saturated),
            KernelCase.Of("cut-and-padded", new TensorShape(2, 18, 9, 11), CutAndPadded),
            KernelCase.Of("enlarged", new TensorShape(2, 20, 5, 7), Enlarged),
            KernelCase.Of("over-the-residual", new TensorShape(1, 32, 6, 31), OverTheResidual, UnrollMode.Taps),
        ];

    /// <summary>Branches of whole blocks, read with padding, so that each must zero the halo of its part.</summary>
    private static string Inception(GraphBuilder builder, string image)
    {
        var one = builder.Conv2d("one", image, 48, Window.Square(1), bias: true, activation: Activation.Relu);
        var three = builder.Conv2d(
            "three",
            image,
            16,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uniform(16, 16, 32, 8)
        );
        var pool = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 1, 1) }, image);
        var joined = builder.Node("join", new Concat(), one, three, pool);
        var five = builder.Conv2d("five", joined, 21, Window.Square(5, padding: 2), bias: true);
        return builder.Node("end", new Concat(), three, five);
    }

    private static string Growing(GraphBuilder builder, string image, int growth)
    {
        var parts = new List<string> { builder.Conv2d("stem", image, builder.ShapeOf(image).Channels, Window.Square(1), bias: true) };
        for (var layer = 0; layer < 3; layer++)
        {
            var all = layer == 0 ? parts[0] : builder.Node($"join{layer}", new Concat(), [.. parts]);
            var normal = builder.Node($"relu{layer}", Activate.Relu, builder.BatchNorm($"norm{layer}", all));
            parts.Add(builder.Conv2d($"conv{layer}", normal, growth, Window.Square(3, padding: 1)));
        }

        return builder.Node("mean", new GlobalAveragePool(), builder.Node("end", new Concat(), [.. parts]));
    }

    private static string Shuffle(GraphBuilder builder, string image)
    {
        var value = image;
        for (var unit = 0; unit < 2; unit++)
        {
            var left = builder.Node(
                $"left{unit}",
                new Slice
                {
                    Axis = 1,
                    Begin = 0,
                    End = 21,
                },
                value
            );
            var right = builder.Node(
                $"right{unit}",
                new Slice
                {
                    Axis = 1,
                    Begin = 21,
                    End = 42,
                },
                value
            );
            right = builder.Conv2d(
                $"conv{unit}",
                right,
                21,
                Window.Square(3, padding: 1),
                groups: 21,
                bias: true,
                activation: Activation.Relu
            );
            value = builder.Node(
                $"shuffle{unit}",
                new ChannelShuffle { Groups = unit == 0 ? 2 : 21 },
                builder.Node($"join{unit}", new Concat(), left, right)
            );
        }

        var blocks = builder.Node(
            "blocks",
            new Slice
            {
                Axis = 1,
                Begin = 16,
                End = 40,
            },
            value
        );
        return builder.Conv2d(
            "end",
            builder.Node(
                "odd",
                new Slice
                {
                    Axis = 1,
                    Begin = 1,
                    End = 24,
                    Step = 3,
                },
                blocks
            ),
            10,
            Window.Square(3, padding: 1)
        );
    }

    private static string ShuffledFeatures(GraphBuilder builder, string features)
    {
        var shuffled = builder.Node("shuffle", new ChannelShuffle { Groups = 7 }, features);
        var part = builder.Node(
            "part",
            new Slice
            {
                Axis = 1,
                Begin = 2,
                End = 20,
                Step = 2,
            },
            shuffled
        );
        return builder.Linear("linear", builder.Node("join", new Concat(), part, features, part), 10);
    }

    private static string Gates(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("expand", image, 40, Window.Square(1), bias: true, activation: Activation.HardSwish);
        var gate = builder.Node("mean", new GlobalAveragePool(), value);
        gate = builder.Conv2d("squeeze", gate, 10, Window.Square(1), bias: true, activation: Activation.Silu);
        gate = builder.Conv2d("excite", gate, 40, Window.Square(1), bias: true, activation: Activation.Sigmoid);
        value = builder.Node("scaled", new Mul(), value, gate);
        var product = builder.Node(
            "product",
            new Mul { Activation = Activation.HardSwish },
            value,
            builder.Node("hard", new Activate(Activation.HardSigmoid()), value)
        );
        return builder.Conv2d(
            "project",
            product,
            12,
            Window.Square(3, padding: 1),
            bias: true,
            activation: Activation.HardSigmoid(0.3f, 0.4f)
        );
    }

    /// <summary>
    /// Every producer that takes a smooth activation along, some of them read with padding: the sigmoid of a halo would not be zero.
    /// </summary>
    private static string Smooth(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d(
            "n4",
            image,
            20,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uniform(4, 20, 20, 6),
            activation: Activation.Sigmoid
        );
        value = builder.Conv2d("depthwise", value, 20, Window.Square(3, padding: 1), groups: 20, bias: true, activation: Activation.Silu);
        var wide = builder.Conv2d(
            "n32",
            value,
            64,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uneven(32, 64, 20, 9),
            activation: Activation.Silu
        );
        var sum = builder.Conv2d("n8", wide, 64, Window.Square(1), bias: true, pattern: DrawnPattern.Uniform(8, 64, 64, 9));
        sum = builder.Node("sum", new Add { Activation = Activation.HardSwish }, sum, wide);
        var normal = builder.Node("silu", Activate.Silu, builder.BatchNorm("norm", builder.Node("clip", Activate.Relu6, sum)));
        var twice = builder.Node("twice", new Add { Activation = Activation.Sigmoid }, normal, normal);
        value = builder.Conv2d("again", twice, 9, Window.Square(3, padding: 1), bias: true);
        return builder.Node(
            "swish",
            Activate.HardSwish,
            builder.Linear("head", builder.Node("flat", new Flatten(), builder.Node("alone", Activate.Sigmoid, value)), 11)
        );
    }

    private static string SmoothLines(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d(
            "lines",
            image,
            32,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uniform(16, 32, 16, 3),
            activation: Activation.Silu
        );
        var second = builder.Conv2d("second", value, 32, Window.Square(1), bias: true, pattern: DrawnPattern.Uniform(16, 32, 32, 3));
        return builder.Node("sum", new Add { Activation = Activation.HardSwish }, second, value);
    }

    /// <summary>Arguments far beyond where the exponential of a float ends.</summary>
    private static string Saturated(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("first", image, 16, Window.Square(1), bias: true);
        for (var doubling = 0; doubling < 10; doubling++)
            value = builder.Node($"double{doubling}", new Add(), value, value);
        var left = builder.Node("sigmoid", Activate.Sigmoid, value);
        return builder.Node("join", new Concat(), left, builder.Node("silu", Activate.Silu, value));
    }

    /// <summary>The way down of a pyramid: a small map, enlarged, joins a larger one, which is read with padding.</summary>
    private static string Enlarged(GraphBuilder builder, string image)
    {
        var small = builder.Conv2d("small", image, 32, Window.Square(1), bias: true);
        var large = builder.Conv2d(
            "large",
            builder.Node("taller", new Resize { Sizes = new[] { 2, 20, 15, 14 } }, builder.Node("relu", Activate.Relu, image)),
            32,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uniform(16, 32, 20, 6)
        );
        var sum = builder.Node("sum", new Add(), large, builder.Node("up", new Resize { Sizes = new[] { 2, 32, 15, 14 } }, small));
        var wide = new Resize
        {
            Sizes = new[] { 2, 32, 15, 42 },
            Coordinates = ResizeCoordinates.Asymmetric,
            Rounding = ResizeRounding.Floor,
        };
        return builder.Conv2d("end", builder.Node("wide", wide, sum), 21, Window.Square(3, 2, 1), bias: true);
    }

    private static string CutAndPadded(GraphBuilder builder, string image)
    {
        var value = builder.Node(
            "rows",
            new Slice
            {
                Axis = 2,
                Begin = 1,
                End = 9,
                Step = 3,
            },
            image
        );
        value = builder.Node(
            "columns",
            new Slice
            {
                Axis = 3,
                Begin = 2,
                End = 10,
            },
            value
        );
        value = builder.Node("wider", new Pad { Padding = new Padding(2, 1, 0, 3), Value = 0.25f }, value);
        value = builder.Conv2d(
            "conv",
            builder.Node("zeros", new Pad { Padding = new Padding(0, 2, 1, 1) }, value),
            18,
            Window.Square(3),
            bias: true
        );
        var average = new Pool2d
        {
            Kind = PoolKind.Average,
            Window = new Window(new(3, 2), new(2, 2), new(0, 0, 2, 1), Extent.One),
            CountIncludesPadding = true,
            Overhang = new(1, 1),
        };
        var mean = builder.Node("mean", average, value);
        return builder.Conv2d(
            "end",
            builder.Node(
                "every",
                new Slice
                {
                    Axis = 3,
                    Begin = 0,
                    End = 3,
                    Step = 2,
                },
                mean
            ),
            5,
            Window.Square(3, padding: 1)
        );
    }

    /// <summary>Rows of 31 pixels end in a narrower tile where the output lies on the residual.</summary>
    private static string OverTheResidual(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("stem", image, 32, Window.Square(1), bias: true);
        for (var block = 0; block < 2; block++)
        {
            var inner = builder.Conv2d(
                $"inner{block}",
                value,
                32,
                Window.Square(3, padding: 1),
                bias: true,
                pattern: DrawnPattern.Uniform(16, 32, 32, 6),
                activation: Activation.Relu
            );
            var outer = builder.Conv2d(
                $"outer{block}",
                inner,
                32,
                Window.Square(3, padding: 1),
                bias: true,
                pattern: DrawnPattern.Uniform(32, 32, 32, 6)
            );
            value = builder.Node($"sum{block}", new Add { Activation = block == 0 ? Activation.Relu : Activation.Silu }, outer, value);
        }

        return value;
    }
}

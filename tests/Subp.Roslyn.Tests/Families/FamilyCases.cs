using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Families;

/// <summary>Networks over dense values: every family, at ranks, extents and strides where it takes different ways.</summary>
internal static class FamilyCases
{
    /// <summary>All cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [.. Elementwise(), .. Copies(), .. Reductions(), .. MatrixProducts(), .. Resizes(), .. TransposedConvolutions(), .. Interfaces()];

    /// <summary>The element-wise family: every function, every way of repeating.</summary>
    private static IEnumerable<KernelCase> Elementwise()
    {
        foreach (var kind in Enum.GetValues<ActivationKind>().Where(kind => kind != ActivationKind.Clamp))
        {
            var activation = Activation.Of(kind);
            // Within the domain of every function, and where it is no step.
            yield return Case(
                $"activate-{activation.Word.Replace('_', '-')}",
                [3, 5, 7],
                (builder, x) =>
                    builder.Node(
                        "end",
                        new Binary { Kind = BinaryKind.Subtract },
                        builder.Node("y", new Activate(activation), Within(builder, x, kind)),
                        x
                    )
            );
        }

        foreach (var kind in Enum.GetValues<BinaryKind>())
            yield return Case(
                $"binary-{kind}",
                [2, 3, 37],
                (builder, x) =>
                    builder.Node(
                        "end",
                        new Add(),
                        builder.Node("y", new Binary { Kind = kind }, Within(builder, x, ActivationKind.Sqrt), Constant(builder, [3, 1])),
                        x
                    )
            );
        yield return Case(
            "add-scalar",
            [],
            (builder, x) => builder.Node("y", new Add { Activation = Activation.Relu6 }, x, Constant(builder, []))
        );
        yield return Case("add-row", [9, 4, 33], (builder, x) => builder.Node("y", new Add(), x, Constant(builder, [33])));
        yield return Case("add-narrow", [500, 3], (builder, x) => builder.Node("y", new Add(), x, Constant(builder, [3])));
        yield return Case("add-outer", [4, 1, 5], (builder, x) => builder.Node("y", new Add(), x, Constant(builder, [2, 3, 1, 6, 1])));
        yield return Case("mul-long", [5000], (builder, x) => builder.Node("y", new Mul { Activation = Activation.HardSwish }, x, x));
        yield return Case("norm-rank3", [2, 5, 9], (builder, x) => builder.BatchNorm("y", x));
        yield return Case("norm-rank5", [2, 18, 3, 2, 2], (builder, x) => builder.BatchNorm("y", x));
        yield return Case(
            "where",
            [4, 1, 20],
            (builder, x) =>
                builder.Node(
                    "y",
                    new Where(),
                    builder.Node("m", new Binary { Kind = BinaryKind.Greater }, x, Constant(builder, [5, 1])),
                    x,
                    Constant(builder, [20])
                )
        );
    }

    /// <summary>The copying family: runs, strides, tables, constants, exchanges.</summary>
    private static IEnumerable<KernelCase> Copies()
    {
        yield return Case("transpose-2", [70, 130], (builder, x) => Node(builder, new Transpose { Permutation = new[] { 1, 0 } }, x));
        yield return Case(
            "transpose-nhwc",
            [2, 3, 9, 11],
            (builder, x) => Node(builder, new Transpose { Permutation = new[] { 0, 2, 3, 1 } }, x)
        );
        yield return Case(
            "transpose-5",
            [2, 3, 4, 5, 6],
            (builder, x) => Node(builder, new Transpose { Permutation = new[] { 3, 0, 4, 2, 1 } }, x)
        );
        yield return Case(
            "transpose-same-last",
            [5, 6, 40],
            (builder, x) => Node(builder, new Transpose { Permutation = new[] { 1, 0, 2 } }, x)
        );
        yield return Case(
            "slice-back",
            [6, 7, 20],
            (builder, x) =>
                Node(
                    builder,
                    new Slice
                    {
                        Axis = 2,
                        Begin = 18,
                        End = 0,
                        Step = -3,
                    },
                    x
                )
        );
        yield return Case(
            "slice-batch",
            [6, 7, 20],
            (builder, x) =>
                Node(
                    builder,
                    new Slice
                    {
                        Axis = 0,
                        Begin = 1,
                        End = 6,
                        Step = 2,
                    },
                    x
                )
        );
        yield return Case("concat-last", [6, 7], (builder, x) => Node(builder, new Concat { Axis = 1 }, x, Constant(builder, [6, 30]), x));
        yield return Case(
            "concat-first",
            [6, 7, 2],
            (builder, x) => Node(builder, new Concat { Axis = 0 }, x, Constant(builder, [3, 7, 2]))
        );
        foreach (var mode in Enum.GetValues<PadMode>())
            yield return Case(
                $"pad-{mode}",
                [3, 4, 5, 6],
                (builder, x) =>
                    Node(
                        builder,
                        new Pad
                        {
                            Pads = new[] { 2, 1, 3, 0, 1, 2 },
                            Mode = mode,
                            Value = 0.5f,
                        },
                        x
                    )
            );
        yield return Case(
            "gather",
            [9, 40],
            (builder, x) => Node(builder, new Gather { Axis = 0, Indices = new[] { 8, 1, 1, 0, 5, 5, 7, 3 } }, x)
        );
        yield return Case(
            "gather-last",
            [9, 12],
            (builder, x) => Node(builder, new Gather { Axis = 1, Indices = new[] { 8, 1, 1, 0, 5, 5, 7, 3, 11 } }, x)
        );
        yield return Case("gather-none", [9, 12], (builder, x) => Node(builder, new Gather { Axis = 1, Indices = new[] { 4 } }, x));
        yield return Case("tile", [2, 3, 5], (builder, x) => Node(builder, new Tile { Repeats = new[] { 3, 1, 4 } }, x));
        yield return Case("nearest-up", [1, 3, 5, 7], (builder, x) => Node(builder, new Resize { Sizes = new[] { 1, 3, 10, 14 } }, x));
        yield return Case("nearest-odd", [2, 3, 15, 17], (builder, x) => Node(builder, new Resize { Sizes = new[] { 2, 3, 7, 23 } }, x));
        yield return Case("depth-to-space", [2, 12, 5, 7], (builder, x) => Node(builder, new DepthToSpace { Block = 2 }, x));
        yield return Case(
            "pixel-shuffle",
            [1, 18, 5, 7],
            (builder, x) => Node(builder, new DepthToSpace { Block = 3, ChannelFirst = true }, x)
        );
        yield return Case("space-to-depth", [2, 3, 6, 8], (builder, x) => Node(builder, new SpaceToDepth { Block = 2 }, x));
        yield return Case("shuffle-dense", [2, 12, 5], (builder, x) => Node(builder, new ChannelShuffle { Groups = 3 }, x));
        yield return Case(
            "reshape-chain",
            [4, 6, 5],
            (builder, x) =>
                Node(
                    builder,
                    new Reshape(2, 5, 12),
                    builder.Node("a", Activate.Relu, builder.Node("r", new Reshape(12, 10), builder.Node("b", Activate.Silu, x)))
                )
        );
        yield return Case(
            "between-convolutions",
            [1, 8, 9, 9],
            (builder, x) =>
                builder.Conv2d(
                    "end",
                    builder.Node(
                        "up",
                        new Resize { Sizes = new[] { 1, 20, 18, 18 } },
                        builder.Conv2d("start", x, 20, Window.Square(3, padding: 1))
                    ),
                    16,
                    Window.Square(3, padding: 1)
                )
        );
    }

    /// <summary>The reducing family: along runs and across lanes, with odd ends, and what is made of sums.</summary>
    private static IEnumerable<KernelCase> Reductions()
    {
        foreach (var kind in Enum.GetValues<ReduceKind>())
        {
            var isLogarithm = kind == ReduceKind.LogSum;
            yield return Case(
                $"reduce-along-{kind}",
                [3, 4, 37],
                (builder, x) => Node(builder, new Reduce { Kind = kind, Axes = new[] { 2 } }, isLogarithm ? Positive(builder, x) : x)
            );
            yield return Case(
                $"reduce-across-{kind}",
                [3, 6, 21],
                (builder, x) =>
                    Node(
                        builder,
                        new Reduce
                        {
                            Kind = kind,
                            Axes = new[] { 1 },
                            KeepDimensions = false,
                        },
                        isLogarithm ? Positive(builder, x) : x
                    )
            );
        }

        yield return Case(
            "reduce-outer",
            [4, 3, 5, 18],
            (builder, x) => Node(builder, new Reduce { Kind = ReduceKind.Mean, Axes = new[] { 0, 2 } }, x)
        );
        yield return Case(
            "reduce-split",
            [4, 3, 5, 18],
            (builder, x) => Node(builder, new Reduce { Kind = ReduceKind.Sum, Axes = new[] { 1, 3 } }, x)
        );
        yield return Case(
            "reduce-all",
            [7, 300],
            (builder, x) =>
                Node(
                    builder,
                    new Reduce
                    {
                        Kind = ReduceKind.L2,
                        Axes = new[] { 0, 1 },
                        KeepDimensions = false,
                    },
                    x
                )
        );
        yield return Case(
            "reduce-none",
            [7, 30],
            (builder, x) => Node(builder, new Reduce { Kind = ReduceKind.L1, Axes = Array.Empty<int>() }, x)
        );
        foreach (var axis in new[] { 0, 1, 2 })
        {
            yield return Case($"softmax-{axis}", [5, 7, 21], (builder, x) => Node(builder, new Softmax { Axis = axis }, x));
            yield return Case(
                $"log-softmax-{axis}",
                [5, 7, 21],
                (builder, x) => Node(builder, new Softmax { Axis = axis, IsLogarithm = true }, x)
            );
            yield return Case($"arg-max-{axis}", [5, 7, 21], (builder, x) => Node(builder, new ArgExtreme { Axis = axis }, x));
        }

        yield return Case(
            "arg-min-last",
            [5, 7],
            (builder, x) =>
                Node(
                    builder,
                    new ArgExtreme
                    {
                        Axis = 1,
                        IsMinimum = true,
                        SelectsLast = true,
                    },
                    x
                )
        );
        yield return Case("instance-norm", [2, 5, 6, 7], (builder, x) => Normalized(builder, x, [2, 3], [5, 1, 1], 1));
        yield return Case("group-norm", [2, 6, 3, 5], (builder, x) => Normalized(builder, x, [1, 2, 3], [6, 1, 1], 3));
        yield return Case("layer-norm", [2, 9, 20], (builder, x) => Normalized(builder, x, [2], [20], 1));
        yield return Case("norm-across", [2, 9, 20], (builder, x) => Normalized(builder, x, [1], [9, 1], 1));
        yield return Case("rms-norm", [3, 50], (builder, x) => Node(builder, new Normalize { Axes = new[] { 1 }, KeepsMean = true }, x));
    }

    /// <summary>Products with full and odd tiles, of values and weights, with batches that are repeated.</summary>
    private static IEnumerable<KernelCase> MatrixProducts()
    {
        yield return Case("matmul", [2, 3, 13, 20], (builder, x) => Node(builder, new MatMul(), x, Constant(builder, [2, 3, 20, 37])));
        yield return Case("matmul-small", [5, 2, 3], (builder, x) => Node(builder, new MatMul(), x, Constant(builder, [5, 3, 4])));
        yield return Case("matmul-shared", [4, 7, 30], (builder, x) => Node(builder, new MatMul(), x, Constant(builder, [30, 32])));
        yield return Case("matmul-outer", [3, 1, 5, 6], (builder, x) => Node(builder, new MatMul(), x, Constant(builder, [1, 4, 6, 18])));
        yield return Case(
            "attention",
            [1, 4, 25, 16],
            (builder, x) =>
                Node(
                    builder,
                    new MatMul(),
                    builder.Node(
                        "weights",
                        new Softmax { Axis = 3 },
                        builder.Node(
                            "scores",
                            new MatMul(),
                            x,
                            builder.Node("keys", new Transpose { Permutation = new[] { 0, 1, 3, 2 } }, x)
                        )
                    ),
                    x
                )
        );
        yield return Case(
            "linear-3",
            [3, 9, 25],
            (builder, x) => LinearLayer(builder, x, 40, Activation.Of(ActivationKind.Gelu), bias: true)
        );
        yield return Case("linear-1", [25], (builder, x) => LinearLayer(builder, x, 7, Activation.Relu, bias: true));
        yield return Case("linear-plain", [2, 5, 3, 8], (builder, x) => LinearLayer(builder, x, 16, Activation.None, bias: false));
    }

    private static string LinearLayer(GraphBuilder builder, string x, int outputs, Activation activation, bool bias)
    {
        var shape = builder.ShapeOf(x);
        return Node(
            builder,
            new Linear
            {
                Weight = builder.Parameter("weight", new TensorShape(outputs, shape[shape.Rank - 1])),
                Bias = bias ? builder.Parameter("bias", new TensorShape(outputs)) : null,
                Activation = activation,
            },
            x
        );
    }

    /// <summary>Interpolation: up and down, along inner and outer axes, with more and fewer samples.</summary>
    private static IEnumerable<KernelCase> Resizes()
    {
        yield return Case(
            "bilinear-up",
            [1, 3, 5, 7],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 1, 3, 10, 14 }, Mode = ResizeMode.Linear }, x)
        );
        yield return Case(
            "linear-rows",
            [2, 6, 21],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 2, 9, 21 }, Mode = ResizeMode.Linear }, x)
        );
        yield return Case(
            "bilinear-corners",
            [2, 2, 9, 30],
            (builder, x) =>
                Node(
                    builder,
                    new Resize
                    {
                        Sizes = new[] { 2, 2, 5, 17 },
                        Mode = ResizeMode.Linear,
                        Coordinates = ResizeCoordinates.AlignCorners,
                    },
                    x
                )
        );
        yield return Case(
            "bicubic",
            [1, 2, 6, 8],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 1, 2, 15, 13 }, Mode = ResizeMode.Cubic }, x)
        );
        yield return Case(
            "antialias",
            [1, 2, 40, 30],
            (builder, x) =>
                Node(
                    builder,
                    new Resize
                    {
                        Sizes = new[] { 1, 2, 7, 9 },
                        Mode = ResizeMode.Linear,
                        IsAntialiased = true,
                    },
                    x
                )
        );
        yield return Case(
            "linear-same",
            [2, 6],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 2, 6 }, Mode = ResizeMode.Linear }, x)
        );
        yield return Case(
            "linear-to-one",
            [3, 6],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 3, 1 }, Mode = ResizeMode.Linear }, x)
        );
    }

    /// <summary>Transposed convolutions: strides, paddings, dilations, groups, rows longer and shorter than vectors.</summary>
    private static IEnumerable<KernelCase> TransposedConvolutions()
    {
        yield return Transposed("transposed-2x2", [1, 6, 5, 19], 10, new Window(new(2, 2), new(2, 2), Padding.None, Extent.One));
        yield return Transposed("transposed-4x4", [2, 5, 7, 40], 8, new Window(new(4, 4), new(2, 2), new Padding(1, 1, 1, 1), Extent.One));
        yield return Transposed(
            "transposed-3x3",
            [1, 3, 6, 6],
            17,
            new Window(new(3, 3), new(2, 2), new Padding(1, 1, 1, 1), Extent.One),
            new Extent(1, 1)
        );
        yield return Transposed(
            "transposed-same",
            [1, 3, 6, 21],
            4,
            new Window(new(3, 3), Extent.One, new Padding(1, 1, 1, 1), Extent.One)
        );
        yield return Transposed(
            "transposed-dilated",
            [1, 4, 5, 6],
            4,
            new Window(new(3, 2), new(1, 3), new Padding(0, 2, 1, 0), new(2, 2))
        );
        yield return Transposed(
            "transposed-groups",
            [1, 6, 4, 5],
            6,
            new Window(new(3, 3), new(3, 2), Padding.None, Extent.One),
            groups: 2
        );
    }

    private static KernelCase Transposed(
        string name,
        int[] shape,
        int outputs,
        Window window,
        Extent outputPadding = default,
        int groups = 1
    ) =>
        Case(
            name,
            shape,
            (builder, x) =>
                Node(
                    builder,
                    new ConvTranspose2d
                    {
                        Weight = builder.Parameter(
                            "weight",
                            new TensorShape(shape[1], outputs / groups, window.Kernel.Height, window.Kernel.Width)
                        ),
                        Bias = builder.Parameter("bias", new TensorShape(outputs)),
                        Window = window,
                        OutputPadding = outputPadding,
                        Groups = groups,
                        Activation = Activation.Of(ActivationKind.Elu),
                    },
                    x
                )
        );

    /// <summary>Several inputs and outputs, in layouts of every kind, and values that are both read and returned.</summary>
    private static IEnumerable<KernelCase> Interfaces()
    {
        yield return Several(
            "two-inputs",
            builder =>
            {
                var sum = builder.Node(
                    "sum",
                    new Add(),
                    builder.Input("left", new TensorShape(3, 1, 5)),
                    builder.Input("right", new TensorShape(4, 1))
                );
                builder.Output(sum);
            }
        );
        yield return Several(
            "three-outputs",
            builder =>
            {
                var image = builder.Input("image", new TensorShape(2, 3, 8, 8));
                var features = builder.Conv2d("conv", image, 20, Window.Square(3, padding: 1), activation: Activation.Relu);
                builder.Output(builder.Node("scores", new Softmax { Axis = 1 }, features));
                builder.Output(features);
                builder.Output(
                    builder.Node(
                        "boxes",
                        new Reshape(2, 10, 128),
                        builder.Node("moved", new Transpose { Permutation = new[] { 0, 2, 3, 1 } }, features)
                    )
                );
            }
        );
        yield return Several(
            "gate-of-vector",
            builder =>
            {
                var image = builder.Input("image", new TensorShape(1, 12, 6, 6));
                var mask = builder.Input("mask", new TensorShape(1, 1, 6, 6));
                builder.Output(builder.Conv2d("conv", builder.Node("masked", new Mul(), image, mask), 16, Window.Square(3, padding: 1)));
                builder.Output(mask);
            }
        );
    }

    private static KernelCase Several(string name, Action<GraphBuilder> build)
    {
        var builder = new GraphBuilder(name);
        build(builder);
        return new KernelCase(name, RandomWeights.For(builder.Build(), seed: 1), UnrollMode.Auto);
    }

    private static string Normalized(GraphBuilder builder, string x, int[] axes, int[] factors, int groups) =>
        Node(
            builder,
            new Normalize
            {
                Axes = axes,
                Groups = groups,
                Scale = builder.Parameter("scale", new TensorShape(factors)),
                Shift = builder.Parameter("shift", new TensorShape(factors)),
            },
            x
        );

    private static string Positive(GraphBuilder builder, string x) =>
        builder.Node("exp", new Activate(Activation.Of(ActivationKind.Exp)), x);

    private static string Node(GraphBuilder builder, Operator @operator, params string[] inputs) => builder.Node("y", @operator, inputs);

    private static string Constant(GraphBuilder builder, int[] shape)
    {
        var name = FormattableString.Invariant($"c{string.Join("x", shape)}");
        return builder.Node(name, new Constant { Value = builder.Parameter($"{name}.value", new TensorShape(shape)) });
    }

    private static string Within(GraphBuilder builder, string x, ActivationKind kind) =>
        kind switch
        {
            // Not of an exponential, from whose logarithm the end of the network would take the same number away.
            ActivationKind.Log => builder.Node("positive", new Activate(Activation.Of(ActivationKind.Softplus)), x),
            ActivationKind.Sqrt or ActivationKind.Reciprocal => builder.Node(
                "positive",
                new Activate(Activation.Of(ActivationKind.Exp)),
                x
            ),
            ActivationKind.Acosh => builder.Node("above", new Activate(new Activation(1.1f, 9)), x),
            ActivationKind.Asin or ActivationKind.Acos or ActivationKind.Atanh => builder.Node(
                "inside",
                new Activate(Activation.Of(ActivationKind.Softsign)),
                x
            ),
            _ => x,
        };

    private static KernelCase Case(string name, int[] shape, Func<GraphBuilder, string, string> layers) =>
        KernelCase.Of(name, new TensorShape(shape), layers);
}

using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Kernels;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Families;

/// <summary>
/// Networks of bytes between floats: every operator that computes or moves them, at shapes where kernels take different ways. Their
/// outputs agree with the reference interpreter to the bit. More than 400 lines, since it is one list of cases.
/// </summary>
internal static class IntegerCases
{
    /// <summary>What the name of each of these cases starts with.</summary>
    public const string Prefix = "integer-";

    /// <summary>All cases.</summary>
    public static IEnumerable<KernelCase> All() => [.. OfFloatInterface(), .. Interfaces()];

    /// <summary>Those that take and give floats.</summary>
    public static IEnumerable<KernelCase> OfFloatInterface() => [.. Convolutions(), .. Depthwise(), .. Others()];

    private static IEnumerable<KernelCase> Convolutions()
    {
        yield return Case("conv-1x1", [1, 16, 7, 7], (builder, x) => Convolution(builder, x, 32, 1));
        yield return Case("conv-3x3", [2, 20, 9, 11], (builder, x) => Convolution(builder, x, 48, 3, padding: 1));
        yield return Case("conv-3x3-s2", [1, 32, 15, 13], (builder, x) => Convolution(builder, x, 40, 3, stride: 2, padding: 1));
        yield return Case("conv-1x1-s2", [2, 32, 15, 14], (builder, x) => Convolution(builder, x, 64, 1, stride: 2));
        yield return Case("conv-stem", [1, 3, 31, 29], (builder, x) => Convolution(builder, x, 32, 7, stride: 2, padding: 3));
        yield return Case("conv-gray", [2, 1, 13, 11], (builder, x) => Convolution(builder, x, 20, 3, padding: 1));
        yield return Case(
            "conv-gray-float",
            [1, 1, 9, 6],
            (builder, x) => Convolution(builder, x, 16, 3, isFloat: true),
            isDequantized: false
        );
        yield return Case("conv-two-channels", [1, 2, 9, 10], (builder, x) => Convolution(builder, x, 32, 5, stride: 2, padding: 2));
        yield return Case("conv-three-dilated", [1, 3, 12, 14], (builder, x) => Convolution(builder, x, 16, 5, padding: 4, dilation: 2));
        yield return Case("conv-groups-few", [1, 2, 9, 9], (builder, x) => Convolution(builder, x, 32, 3, padding: 1, groups: 2));
        yield return Case("sparse-few", [2, 2, 5, 10], (builder, x) => Convolution(builder, x, 32, 3, padding: 1, blockLength: 8, kept: 1));
        yield return Case("conv-few-out", [1, 24, 6, 5], (builder, x) => Convolution(builder, x, 3, 3, padding: 1));
        yield return Case("conv-10", [1, 12, 6, 5], (builder, x) => Convolution(builder, x, 10, 3, padding: 2));
        yield return Case("conv-dilated", [1, 16, 12, 12], (builder, x) => Convolution(builder, x, 16, 3, padding: 2, dilation: 2));
        yield return Case("conv-groups", [1, 32, 9, 9], (builder, x) => Convolution(builder, x, 64, 3, padding: 1, groups: 8));
        yield return Case("conv-large", [1, 64, 56, 56], (builder, x) => Convolution(builder, x, 64, 3, padding: 1));
        foreach (var length in new[] { 4, 8, 12, 16, 24, 32, 64 })
        {
            yield return Case(
                $"sparse-1x1-n{length}",
                [1, 192, 14, 14],
                (builder, x) => Convolution(builder, x, length * 4, 1, blockLength: length)
            );
            yield return Case(
                $"sparse-3x3-n{length}",
                [1, 70, 10, 9],
                (builder, x) => Convolution(builder, x, length * 3, 3, padding: 1, blockLength: length)
            );
        }

        // Many channels put together: a chunk of 16 from one to four sixteens, odd and single pixels, ends of rows, more channels than
        // masks.
        foreach (
            var (name, shape, kernel, stride, kept) in new (string, int[], int, int, int)[]
            {
                ("gather-1x1", [1, 640, 5, 5], 1, 1, 300),
                ("gather-1x1-nearly-all", [1, 64, 7, 3], 1, 1, 60),
                ("gather-1x1-few", [2, 128, 7, 7], 1, 2, 40),
                ("gather-1x1-pixel", [1, 256, 1, 1], 1, 1, 64),
                ("gather-1x1-many", [1, 6400, 2, 3], 1, 1, 3300),
                ("gather-3x3", [1, 128, 9, 10], 3, 1, 70),
                ("gather-3x3-s2", [2, 96, 7, 6], 3, 2, 48),
                ("gather-3x3-column", [1, 80, 6, 1], 3, 1, 50),
            }
        )
        {
            string Layer(GraphBuilder builder, string x) =>
                Convolution(builder, x, 32, kernel, stride, padding: kernel / 2, blockLength: 16, kept: kept);
            yield return Case(name, shape, Layer);
            yield return Case(name + "-narrow", shape, Layer, isNarrow: true);
        }

        // 1x1 layers whose channels are put together tile by tile: whole tiles, shorter ones at the end, one that moves left, several bands
        // and images, as many quads as permutations, more than are spread, too few.
        foreach (
            var (name, shape, outputs, length, kept) in new (string, int[], int, int, int)[]
            {
                ("ahead", [1, 128, 6, 6], 32, 16, 32),
                ("ahead-shorter", [1, 512, 7, 7], 32, 16, 131),
                ("ahead-left", [1, 100, 1, 13], 32, 16, 31),
                ("ahead-bands", [2, 320, 17, 13], 48, 16, 200),
                ("ahead-one-quad", [1, 256, 9, 9], 24, 8, 20),
                ("ahead-too-few", [1, 256, 9, 9], 32, 16, 12),
                ("ahead-64", [1, 256, 9, 9], 128, 64, 61),
                ("ahead-nearly-all", [1, 192, 5, 8], 32, 16, 190),
            }
        )
        {
            yield return Case(name, shape, (builder, x) => Convolution(builder, x, outputs, 1, blockLength: length, kept: kept));
            yield return Case(
                name + "-residual",
                [shape[0], outputs, shape[2], shape[3]],
                (builder, x) =>
                    Convolution(builder, Convolution(builder, x, shape[1], 1), outputs, 1, blockLength: length, kept: kept, residual: x)
            );
        }

        yield return Case("sparse-uneven", [1, 70, 10, 9], (builder, x) => Convolution(builder, x, 64, 3, padding: 1, blockLength: -16));
        yield return Case("narrow-1x1", [1, 96, 14, 14], (builder, x) => Convolution(builder, x, 64, 1, blockLength: 16), isNarrow: true);
        yield return Case("narrow-3x3", [1, 40, 14, 9], (builder, x) => Convolution(builder, x, 64, 3, padding: 1), isNarrow: true);
        yield return Case(
            "narrow-stem",
            [1, 3, 32, 32],
            (builder, x) => Convolution(builder, x, 16, 3, stride: 2, padding: 1),
            isNarrow: true
        );
        yield return Case(
            "residual",
            [1, 32, 9, 9],
            (builder, x) => Convolution(builder, Convolution(builder, x, 32, 3, padding: 1), 32, 1, blockLength: 16, residual: x)
        );
        // What the compiler makes one layer of, with both roundings.
        foreach (var activation in new[] { Activation.None, Activation.Relu })
        {
            yield return Case(
                $"residual-apart-{activation.Word}",
                [2, 32, 9, 9],
                (builder, x) => Node(builder, new Add { Activation = activation }, Convolution(builder, x, 32, 1), x)
            );
            yield return Case(
                $"residual-apart-sparse-{activation.Word}",
                [1, 48, 7, 6],
                (builder, x) => Node(builder, new Add { Activation = activation }, x, Convolution(builder, x, 48, 1, blockLength: 16))
            );
        }

        yield return Case(
            "residual-apart-taps",
            [1, 20, 9, 9],
            (builder, x) => Node(builder, new Add(), Convolution(builder, x, 20, 5, padding: 2), x)
        );
        yield return Case("linear", [3, 70], (builder, x) => Linear(builder, x, 40));
        yield return Case("linear-sparse", [5, 96], (builder, x) => Linear(builder, x, 64, blockLength: 16));
        yield return Case("linear-float", [2, 96], (builder, x) => Linear(builder, x, 37, isFloat: true), isDequantized: false);
        yield return Case("conv-float", [2, 16, 5, 7], (builder, x) => Convolution(builder, x, 21, 1, isFloat: true), isDequantized: false);
    }

    private static IEnumerable<KernelCase> Depthwise()
    {
        foreach (
            var (kernel, stride, padding, dilation) in new[]
            {
                (3, 1, 1, 1),
                (3, 2, 1, 1),
                (5, 1, 2, 1),
                (3, 1, 2, 2),
                (7, 1, 3, 1),
                (3, 1, 0, 1),
            }
        )
            yield return Case(
                $"depthwise-{kernel}-{stride}-{padding}-{dilation}",
                [2, 40, 13, 12],
                (builder, x) => Convolution(builder, x, 40, kernel, stride, padding, dilation, groups: 40)
            );
        yield return Case("depthwise-few", [1, 3, 8, 8], (builder, x) => Convolution(builder, x, 3, 3, padding: 1, groups: 3));
        yield return Case("depthwise-small", [1, 32, 2, 2], (builder, x) => Convolution(builder, x, 32, 3, padding: 1, groups: 32));
        yield return Case("depthwise-narrow", [2, 16, 5, 1], (builder, x) => Convolution(builder, x, 16, 3, padding: 1, groups: 16));
        yield return Case("depthwise-large", [1, 32, 11, 9], (builder, x) => Convolution(builder, x, 32, 9, padding: 4, groups: 32));
        yield return Case("depthwise-even", [1, 70, 6, 7], (builder, x) => Convolution(builder, x, 70, 4, 2, padding: 3, groups: 70));
    }

    private static IEnumerable<KernelCase> Others()
    {
        yield return Case("add", [2, 20, 7, 5], (builder, x) => Node(builder, new Add(), x, Table(builder, x)));
        yield return Case("mul", [1, 20, 7, 5], (builder, x) => Node(builder, new Mul(), x, Table(builder, x)));
        yield return Case("gate", [2, 20, 7, 5], (builder, x) => Node(builder, new Mul(), x, Node(builder, new GlobalAveragePool(), x)));
        yield return Case("gate-few", [2, 3, 7, 5], (builder, x) => Node(builder, new Mul(), x, Node(builder, new GlobalAveragePool(), x)));
        yield return Case("shift", [2, 20, 7, 5], (builder, x) => Node(builder, new Add(), x, Node(builder, new GlobalAveragePool(), x)));
        yield return Case("table", [1, 20, 7, 5], Table);
        yield return Case("requantize", [1, 20, 7, 5], (builder, x) => Node(builder, new Quantize(), x));
        yield return Case("few", [1, 3, 7, 5], (builder, x) => Node(builder, new Add(), x, Table(builder, x)));
        yield return Case(
            "max-pool",
            [2, 40, 11, 12],
            (builder, x) => Moved(builder, new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, x)
        );
        yield return Case(
            "max-pool-few",
            [1, 3, 11, 12],
            (builder, x) => Moved(builder, new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, x)
        );
        foreach (var counts in new[] { false, true })
            yield return Case(
                $"average-pool-{counts}",
                [2, 40, 11, 12],
                (builder, x) =>
                    Node(
                        builder,
                        new Pool2d
                        {
                            Kind = PoolKind.Average,
                            Window = Window.Square(3, 2, 1),
                            CountIncludesPadding = counts,
                        },
                        x
                    )
            );
        yield return Case("global-pool", [2, 40, 11, 12], (builder, x) => Node(builder, new GlobalAveragePool(), x));
        yield return Case(
            "global-flat",
            [2, 40, 3, 4],
            (builder, x) => Linear(builder, Moved(builder, new Flatten(), Node(builder, new GlobalAveragePool(), x)), 16)
        );
        yield return Case("flatten", [2, 24, 3, 4], (builder, x) => Linear(builder, Moved(builder, new Flatten(), x), 16));
        yield return Case(
            "concat",
            [2, 20, 5, 4],
            (builder, x) => Node(builder, new Concat { Axis = 1 }, x, Table(builder, x), Convolution(builder, x, 16, 1))
        );
        yield return Case(
            "slice-channels",
            [1, 40, 5, 4],
            (builder, x) =>
                Moved(
                    builder,
                    new Slice
                    {
                        Axis = 1,
                        Begin = 3,
                        End = 30,
                        Step = 2,
                    },
                    x
                )
        );
        yield return Case(
            "slice-rows",
            [1, 40, 9, 4],
            (builder, x) =>
                Moved(
                    builder,
                    new Slice
                    {
                        Axis = 2,
                        Begin = 1,
                        End = 8,
                        Step = 2,
                    },
                    x
                )
        );
        yield return Case("shuffle", [1, 24, 5, 4], (builder, x) => Moved(builder, new ChannelShuffle { Groups = 3 }, x));
        yield return Case(
            "pad",
            [1, 24, 5, 4],
            (builder, x) => Convolution(builder, Moved(builder, new Pad { Padding = new Padding(1, 0, 2, 3) }, x), 16, 3)
        );
        yield return Case("depth-to-space", [1, 32, 5, 4], (builder, x) => Moved(builder, new DepthToSpace { Block = 2 }, x));
        // Layers of floats between layers of bytes, in the blocks that those have; these lose nothing, so that bytes agree.
        foreach (var channels in new[] { 16, 48 })
            yield return Case(
                $"blocks-{channels}",
                [2, 20, 9, 10],
                (builder, x) =>
                {
                    var floats = builder.Node("blocks", new Dequantize(), Convolution(builder, x, channels, 3, padding: 1));
                    var positive = builder.Node("positive", Activate.Relu, floats);
                    var pool = new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) };
                    return Convolution(builder, Node(builder, new Quantize(), builder.Node("largest", pool, positive)), 16, 3, padding: 1);
                }
            );
        yield return Case("space-to-depth", [1, 12, 6, 4], (builder, x) => Moved(builder, new SpaceToDepth { Block = 2 }, x));
    }

    /// <summary>Those that take bytes as they are, or give them.</summary>
    public static IEnumerable<KernelCase> Interfaces()
    {
        foreach (var (isInput, isOutput) in new[] { (true, true), (true, false), (false, true) })
        {
            var name = $"{Prefix}interface-{isInput}-{isOutput}";
            var builder = new GraphBuilder(name);
            var quantization = new Quantization(0.0079f, 126);
            var shape = new TensorShape(2, 3, 9, 10);
            var x = isInput
                ? builder.Input("image", shape, new TensorType(quantization))
                : builder.Node("bytes", new Quantize(), quantization, builder.Input("image", shape));
            var y = Convolution(builder, x, 20, 3, padding: 1);
            builder.Output(isOutput ? y : builder.Node("floats", new Dequantize(), y));
            yield return new KernelCase(name, Weights(builder.Build(), isNarrow: false), Subp.Compiler.UnrollMode.Auto);
        }
    }

    private static KernelCase Case(
        string name,
        int[] shape,
        Func<GraphBuilder, string, string> layers,
        bool isNarrow = false,
        bool isDequantized = true
    )
    {
        var builder = new GraphBuilder(Prefix + name);
        var input = builder.Input("image", new TensorShape(shape));
        var bytes = builder.Node("bytes", new Quantize(), new Quantization(0.0079f, 126), input);
        var result = layers(builder, bytes);
        builder.Output(isDequantized ? builder.Node("floats", new Dequantize(), result) : result);
        return new KernelCase(Prefix + name, Weights(builder.Build(), isNarrow), Subp.Compiler.UnrollMode.Auto);
    }

    // Scales under which the sums of random weights fill the range of a byte.
    private static Model Weights(Graph graph, bool isNarrow)
    {
        var model = RandomWeights.For(graph, seed: 1);
        foreach (var parameter in graph.Parameters)
        {
            var tensor = model.Weights[parameter.Name];
            if (isNarrow && parameter.Element == ElementType.Int8)
                model.Weights[parameter.Name] = WeightTensor.FromSignedBytes(
                    tensor.Shape,
                    Array.ConvertAll(tensor.SignedBytes, value => (sbyte)(value / 2))
                );
            if (parameter.Name.EndsWith("scale", StringComparison.Ordinal))
                model.Weights[parameter.Name] = new WeightTensor(
                    tensor.Shape,
                    [.. tensor.Values.Select(value => value * (isNarrow ? 0.006f : 0.003f))]
                );
        }

        return model;
    }

    private static string Convolution(
        GraphBuilder builder,
        string x,
        int outputs,
        int kernel,
        int stride = 1,
        int padding = 0,
        int dilation = 1,
        int groups = 1,
        int blockLength = 0,
        string? residual = null,
        bool isFloat = false,
        int? kept = null
    )
    {
        var name = $"{x}.conv";
        var inputs = builder.ShapeOf(x).Channels;
        BlockPattern? pattern =
            blockLength == 0 ? null
            : blockLength < 0 ? DrawnPattern.Uneven(-blockLength, outputs, inputs, inputs / 3)
            : DrawnPattern.Uniform(blockLength, outputs, inputs, kept ?? ((inputs / 4) + 1));
        builder.Parameter($"{name}.weight", new TensorShape(outputs, inputs / groups, kernel, kernel), ElementType.Int8, pattern);
        builder.Parameter($"{name}.scale", new TensorShape(outputs));
        builder.Parameter($"{name}.bias", new TensorShape(outputs), ElementType.Int32);
        var convolution = new Conv2d
        {
            Weight = $"{name}.weight",
            WeightScale = $"{name}.scale",
            Bias = $"{name}.bias",
            Groups = groups,
            Activation = kernel == 3 ? Activation.Relu : Activation.None,
            Window = new Window(
                new Extent(kernel, kernel),
                new Extent(stride, stride),
                Padding.All(padding),
                new Extent(dilation, dilation)
            ),
        };
        string[] values = residual is null ? [x] : [x, residual];
        return isFloat
            ? builder.Node(name, convolution, values, Layout.Nchw, TensorType.Float32)
            : builder.Node(name, convolution, new Quantization(0.05f, kernel == 3 ? 3 : 130), values);
    }

    private static string Linear(GraphBuilder builder, string x, int outputs, int blockLength = 0, bool isFloat = false)
    {
        var name = $"{x}.linear";
        var inputs = builder.ShapeOf(x).Channels;
        BlockPattern? pattern =
            blockLength == 0 ? null
            : blockLength < 0 ? DrawnPattern.Uneven(-blockLength, outputs, inputs, inputs / 3)
            : DrawnPattern.Uniform(blockLength, outputs, inputs, (inputs / 4) + 1);
        builder.Parameter($"{name}.weight", new TensorShape(outputs, inputs), ElementType.Int8, pattern);
        builder.Parameter($"{name}.scale", new TensorShape(outputs));
        builder.Parameter($"{name}.bias", new TensorShape(outputs), ElementType.Int32);
        var linear = new Linear
        {
            Weight = $"{name}.weight",
            WeightScale = $"{name}.scale",
            Bias = $"{name}.bias",
        };
        return isFloat
            ? builder.Node(name, linear, [x], Layout.Nchw, TensorType.Float32)
            : builder.Node(name, linear, new Quantization(0.05f, 120), x);
    }

    private static string Table(GraphBuilder builder, string x) => Node(builder, new Activate { Activation = Activation.Silu }, x);

    private static string Node(GraphBuilder builder, Operator @operator, params string[] inputs) =>
        builder.Node($"{inputs[0]}.{@operator.Mnemonic}", @operator, new Quantization(0.011f, 90), inputs);

    private static string Moved(GraphBuilder builder, Operator @operator, string x) =>
        builder.Node($"{x}.{@operator.Mnemonic}", @operator, x);
}

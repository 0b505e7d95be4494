using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Core.Tests.Text;

/// <summary>
/// Small hand-made graphs that the tests share. The file is long because one of them has every operator, which a test checks.
/// </summary>
internal static class SampleGraphs
{
    /// <summary>What computes on bytes: all three types of parameters, a sparse weight, a residual, and a byte input and output.</summary>
    public static Graph Quantized()
    {
        var builder = new GraphBuilder("bytes");
        var image = builder.Input("image", new TensorShape(1, 4, 6, 5), new TensorType(new Quantization(0.02f, 7)));
        var real = builder.Input("real", new TensorShape(1, 8, 6, 5));
        var pattern = new BlockPattern(
            4,
            4,
            [
                [0, 3],
                [1, 2],
            ]
        );
        Conv2d Layer(string name, int inputs, int groups, Activation activation, BlockPattern? kept = null) =>
            new()
            {
                Weight = builder.Parameter($"{name}.weight", new TensorShape(8, inputs, 3, 3), ElementType.Int8, kept),
                WeightScale = builder.Parameter($"{name}.weight_scale", new TensorShape(8)),
                Bias = builder.Parameter($"{name}.bias", new TensorShape(8), ElementType.Int32),
                Window = Window.Square(3, padding: 1),
                Groups = groups,
                Activation = activation,
            };

        var quantized = builder.Node("quantized", new Quantize(), new Quantization(0.01f, 128), real);
        var first = builder.Node("first", Layer("first", 4, 1, Activation.Relu, pattern), new Quantization(0.5f, 3), image);
        var depthwise = builder.Node("depthwise", Layer("depthwise", 1, 8, Activation.None), new Quantization(3f, 130), first);
        var sum = builder.Node("sum", new Add { Activation = Activation.Relu6 }, new Quantization(0.025f, 0), depthwise, quantized);
        var residual = builder.Node(
            "residual",
            Layer("residual", 8, 1, new Activation(-1, 4)),
            new Quantization(0.03f, 100),
            sum,
            depthwise
        );
        var rounded = builder.Node(
            "rounded",
            Layer("rounded", 8, 1, Activation.Relu) with
            {
                RoundedFirst = new Quantization(3f, 125),
            },
            new Quantization(0.6f, 2),
            residual,
            depthwise
        );
        var table = builder.Node("table", Activate.HardSwish, new Quantization(0.02f, 20), rounded);
        var product = builder.Node("product", new Mul(), new Quantization(0.05f, 60), table, quantized);
        var largest = builder.Node("largest", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2) }, product);
        var mean = builder.Node(
            "mean",
            new Pool2d { Kind = PoolKind.Average, Window = Window.Square(3, padding: 1) },
            new Quantization(0.04f, 61),
            largest
        );
        var joint = builder.Node("joint", new Concat(), new Quantization(0.045f, 70), mean, largest);
        var padded = builder.Node("padded", new Pad { Padding = new Padding(0, 1, 1, 0), Value = 1.5f }, joint);
        var global = builder.Node("global", new GlobalAveragePool(), new Quantization(0.01f, 120), padded);
        var flat = builder.Node("flat", new Flatten(), global);
        var constant = builder.Node(
            "constant",
            new Constant { Value = builder.Parameter("table.values", new TensorShape(1, 16), ElementType.UInt8) },
            new Quantization(0.1f, 128)
        );
        var shifted = builder.Node("shifted", new Add(), new Quantization(0.1f, 128), flat, constant);
        var scores = builder.Node(
            "scores",
            new Linear
            {
                Weight = builder.Parameter("scores.weight", new TensorShape(4, 16), ElementType.Int8),
                WeightScale = builder.Parameter("scores.weight_scale", new TensorShape(4)),
            },
            new Quantization(20f, 128),
            shifted
        );
        builder.Output(builder.Node("answer", new Dequantize(), scores));
        builder.Output(scores);
        return builder.Build();
    }

    /// <summary>Every operator, both kinds of pattern, quoted names and metadata.</summary>
    public static Graph Everything()
    {
        var builder = new GraphBuilder("every \"thing\"")
        {
            Metadata = new ModelMetadata
            {
                ClassNames = ["T-shirt/top", "Größe 1\n", "tab\tand \\"],
                NormalizationMean = [0.2860f],
                NormalizationDeviation = [0.3530f],
            },
        };
        var image = builder.Input("image", new TensorShape(1, 3, 9, 11));
        var stem = builder.Conv2d(
            "stem",
            image,
            8,
            new Window(new(3, 2), new(2, 1), new(1, 0, 1, 1), new(1, 2)),
            bias: true,
            activation: new Activation(-0.5f, 1.25f)
        );
        var norm = builder.BatchNorm("/norm 1", stem);
        var relu = builder.Node("relu", Activate.Relu, norm);
        var clip = builder.Node("clip", new Activate { Activation = Activation.Relu6 }, relu);
        var pattern = new BlockPattern(
            4,
            8,
            [
                [0, 3, 7],
                [1, 2, 4],
            ]
        );
        var sparse = builder.Conv2d("sparse", clip, 8, Window.Square(3, padding: 1), pattern: pattern, activation: Activation.Relu);
        var uneven = new BlockPattern(
            2,
            4,
            [
                [0],
                [],
                [1, 3],
                [2],
            ]
        );
        var grouped = builder.Conv2d("grouped", sparse, 8, Window.Square(1), groups: 2, pattern: uneven);
        var blocked = builder.Node("blocked", new ChangeLayout(), [grouped], Layout.Blocked16);
        var sum = builder.Node("sum", new Add { Activation = Activation.Relu6 }, [blocked, sparse], Layout.Planar);
        var largest = builder.Node("largest", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, sum);
        var mean = builder.Node(
            "mean",
            new Pool2d
            {
                Kind = PoolKind.Average,
                Window = Window.Square(2),
                CountIncludesPadding = true,
            },
            largest
        );
        var pooled = builder.Node("pooled", new GlobalAveragePool(), mean);
        var flat = builder.Node("flat", new Flatten(), pooled);
        Extended(builder, sum, builder.Node("again", new Reshape(1, 8, 1, 1), flat));
        var logits = builder.Linear(
            "logits",
            flat,
            4,
            new BlockPattern(
                4,
                8,
                [
                    [1, 6],
                ]
            )
        );
        var likely = builder.Node("likely", new Softmax(), logits);
        builder.Output(likely);
        builder.Output(logits);
        return builder.Build();
    }

    // The operators behind the sigmoid family: every mnemonic and every fused word, with and without the attributes that have defaults.
    private static void Extended(GraphBuilder builder, string image, string pooled)
    {
        var gate = builder.Node(
            "gate",
            new Activate(Activation.HardSigmoid(1 / 6f)),
            builder.Node("soft", new Activate(Activation.HardSigmoid()), pooled)
        );
        var gated = builder.Node("gated", new Mul { Activation = Activation.HardSwish }, image, gate);
        var squared = builder.Node("squared", new Mul(), gated, image);
        var names = new[] { Activate.Sigmoid, Activate.Silu, Activate.HardSwish }
            .Select((activate, index) => builder.Node(FormattableString.Invariant($"smooth{index}"), activate, squared))
            .ToArray();
        var joined = builder.Node("joined", new Concat(), names);
        var mixed = builder.Node("mixed", new ChannelShuffle { Groups = 3 }, joined);
        var half = builder.Node(
            "half",
            new Slice
            {
                Axis = 1,
                Begin = 1,
                End = 20,
                Step = 3,
            },
            mixed
        );
        var rows = builder.Node(
            "rows",
            new Slice
            {
                Axis = 2,
                Begin = 1,
                End = 4,
            },
            half
        );
        var framed = builder.Node(
            "framed",
            new Pad { Padding = new Padding(1, 2, 0, 3), Value = -0.5f },
            builder.Node("zeros", new Pad { Padding = new Padding(0, 0, 1, 0) }, rows)
        );
        var norm = builder.BatchNorm("smoothed", framed);
        builder.Node(
            "overhung",
            new Pool2d
            {
                Kind = PoolKind.Average,
                Window = new Window(new(3, 3), new(2, 2), new Padding(1, 1, 2, 1), Extent.One),
                CountIncludesPadding = true,
                Overhang = new Extent(1, 0),
            },
            norm
        );
        builder.Node("silu", new Add { Activation = Activation.Silu }, norm, norm);
        builder.Node("hard", new Add { Activation = Activation.HardSigmoid(0.25f, 0) }, norm, norm);
        builder.Node("sigmoid", new Mul { Activation = Activation.Sigmoid }, norm, norm);
        foreach (var kind in Enum.GetValues<ActivationKind>().Where(kind => kind > ActivationKind.Silu))
        {
            builder.Node($"plain {kind}", new Activate(Activation.Of(kind)), norm);
            builder.Node($"odd {kind}", new Add { Activation = Activation.Of(kind, 0.125f, 3) }, norm, norm);
        }

        General(builder, norm);
    }

    // Recurrences of one step over the rows of an image, with as many hidden units as it has columns.
    private static void Recurrent(GraphBuilder builder, string image)
    {
        var steps = builder.Node(
            "steps",
            new Reduce
            {
                Kind = ReduceKind.Mean,
                Axes = new[] { 1 },
                KeepDimensions = false,
            },
            image
        );
        var state = builder.Node(
            "first states",
            new Reduce
            {
                Kind = ReduceKind.Maximum,
                Axes = new[] { 0, 1 },
                KeepDimensions = false,
            },
            image
        );
        var width = builder.ShapeOf(image).Width;
        foreach (var kind in Enum.GetValues<RecurrenceKind>())
        {
            var plain = new Recurrence { Kind = kind, Weight = $"{kind}.recurrent" };
            builder.Parameter(plain.Weight, new TensorShape(plain.Gates * width, width));
            var gates = builder.Node($"gates of {kind}", new Tile { Repeats = new[] { 1, 1, plain.Gates } }, steps);
            builder.Node($"plain {kind}", plain, gates);
            string[] first = kind == RecurrenceKind.Lstm ? [state, state] : [state];
            var isGru = kind == RecurrenceKind.Gru;
            var odd = plain with
            {
                IsReverse = true,
                KeepsCell = kind == RecurrenceKind.Lstm,
                ResetsProduct = isGru,
                IsRelu = kind == RecurrenceKind.Simple,
                Bias = isGru ? builder.Parameter($"{kind}.bias", new TensorShape(width)) : null,
            };
            builder.Node($"odd {kind}", odd, [gates, .. first]);
        }
    }

    // The operators for values of any rank, with and without their defaults.
    private static void General(GraphBuilder builder, string image)
    {
        Recurrent(builder, image);
        var shape = builder.ShapeOf(image);
        var table = builder.Node("table", new Constant { Value = builder.Parameter("table.value", new TensorShape(shape.Width)) });
        foreach (var kind in Enum.GetValues<BinaryKind>())
            builder.Node($"{kind}", new Binary { Kind = kind }, image, table);
        builder.Node("chosen", new Where(), table, image, image);
        foreach (var kind in Enum.GetValues<ReduceKind>())
            builder.Node(
                $"all {kind}",
                new Reduce
                {
                    Kind = kind,
                    Axes = new[] { 0, 1, 2, 3 },
                    KeepDimensions = false,
                },
                image
            );
        builder.Node("rows mean", new Reduce { Kind = ReduceKind.Mean, Axes = new[] { 2 } }, image);
        builder.Node("largest at", new ArgExtreme { Axis = 1 }, image);
        builder.Node(
            "smallest at",
            new ArgExtreme
            {
                IsMinimum = true,
                Axis = 3,
                KeepDimensions = false,
                SelectsLast = true,
            },
            image
        );
        builder.Node("best three", new TopIndices { Axis = 1, Count = 3 }, image);
        builder.Node(
            "least",
            new TopIndices
            {
                Axis = 3,
                Count = 1,
                IsSmallest = true,
            },
            image
        );
        builder.Node("over rows", new Softmax { Axis = 2, IsLogarithm = true }, image);
        builder.Node("over channels", new Softmax(), image);
        builder.Node("turned", new Transpose { Permutation = new[] { 0, 2, 3, 1 } }, image);
        var even = builder.Node(
            "even",
            new Tile { Repeats = new[] { 1, 4, 2, 4 } },
            builder.Node("mean of channels", new Reduce { Kind = ReduceKind.Mean, Axes = new[] { 1, 2 } }, image)
        );
        var product = builder.Node(
            "product",
            new MatMul(),
            even,
            builder.Node("upright", new Transpose { Permutation = new[] { 0, 1, 3, 2 } }, even)
        );
        builder.Node(
            "backwards",
            new Slice
            {
                Axis = 0,
                Begin = 0,
                End = -1,
                Step = -2,
            },
            product
        );
        builder.Node("deep", new Concat { Axis = 0 }, product, product);
        builder.Node("mirrored", new Pad { Pads = new[] { 1, 1 }, Mode = PadMode.Reflect }, image);
        builder.Node("worn", new Pad { Pads = new[] { 1, 0, 0, 0, 0, 2 }, Mode = PadMode.Edge }, image);
        builder.Node("around", new Pad { Pads = new[] { 1, 1 }, Mode = PadMode.Wrap }, image);
        builder.Node("picked", new Gather { Axis = 1, Indices = new[] { 1, 0, 1 } }, image);
        var which = builder.Node("which", new ArgExtreme { Axis = 1 }, image);
        builder.Node("taken", new Take { Axis = 1 }, image, which);
        builder.Node("taken each", new TakeElements { Axis = 1 }, image, which);
        builder.Node("taken together", new TakeTuples { BatchDimensions = 1 }, image, builder.Node("shape", new Reshape(1, 75, 1), which));
        builder.Node("tiled", new Tile { Repeats = new[] { 2, 1, 1, 3 } }, image);
        builder.Node("up", new DepthToSpace { Block = 2, ChannelFirst = true }, even);
        builder.Node("up too", new DepthToSpace { Block = 2 }, even);
        builder.Node("down", new SpaceToDepth { Block = 2 }, product);
        builder.Node("larger", new Resize { Sizes = new[] { 1, 4, 5, 7 } }, product);
        builder.Node(
            "cropped",
            new Resize
            {
                Sizes = new[] { 1, 4, 5, 7 },
                Scales = new[] { 1f, 1, 2.6f, 3.5f },
                Mode = ResizeMode.Cubic,
                Coordinates = ResizeCoordinates.TfCropAndResize,
                Rounding = ResizeRounding.Ceil,
                CubicCoefficient = -0.5f,
                ExcludesOutside = true,
                IsAntialiased = true,
                Region = new[] { 0, 0, 0.25f, 0.25f, 1, 1, 0.75f, 1.5f },
                Outside = 7,
            },
            product
        );
        builder.Node(
            "spread",
            new ConvTranspose2d
            {
                Weight = builder.Parameter("spread.weight", new TensorShape(4, 3, 2, 2)),
                Bias = builder.Parameter("spread.bias", new TensorShape(6)),
                Window = new Window(new(2, 2), new(2, 3), new Padding(1, 0, 0, 1), new Extent(2, 1)),
                OutputPadding = new Extent(1, 2),
                Groups = 2,
                Activation = Activation.Relu,
            },
            product
        );
        builder.Node("by rows", new Normalize { Axes = new[] { 3 } }, image);
        builder.Node(
            "by groups",
            new Normalize
            {
                Axes = new[] { 1, 2, 3 },
                Groups = 2,
                Epsilon = 0.5f,
                KeepsMean = true,
                Scale = builder.Parameter("by.scale", new TensorShape(4, 1, 1)),
                Shift = builder.Parameter("by.shift", new TensorShape(2)),
            },
            product
        );
        builder.Node("neighbours", new LocalResponseNorm { Size = 3 }, image);
        builder.Node(
            "others",
            new LocalResponseNorm
            {
                Size = 3,
                Alpha = 1,
                Beta = 0.5f,
                Bias = 2,
            },
            image
        );
    }

    /// <summary>One sparse convolution 16 to 16 channels, one block in two kept.</summary>
    public static Graph OneSparseConvolution()
    {
        var builder = new GraphBuilder("one");
        var image = builder.Input("image", new TensorShape(1, 4, 5, 5));
        builder.Output(
            builder.Conv2d(
                "conv",
                image,
                32,
                Window.Square(3, padding: 1),
                bias: true,
                pattern: new BlockPattern(
                    16,
                    4,
                    [
                        [0, 2],
                        [1, 3],
                    ]
                )
            )
        );
        return builder.Build();
    }
}

using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Testing;

/// <summary>A network of one operator for every operator on values of any rank and every form of it that ONNX writes differently.</summary>
public static class OneOperatorModels
{
    /// <summary>The networks by name, with random weights.</summary>
    public static IReadOnlyDictionary<string, Model> All()
    {
        var models = new Dictionary<string, Model>(StringComparer.Ordinal);

        void Add(string name, int[] shape, Func<GraphBuilder, string, string> node)
        {
            var builder = new GraphBuilder("one");
            builder.Output(node(builder, builder.Input("x", new TensorShape(shape))));
            models.Add(name, RandomWeights.For(builder.Build(), models.Count));
        }

        void One(string name, int[] shape, Operator @operator) => Add(name, shape, (builder, x) => builder.Node("y", @operator, x));

        string Table(GraphBuilder builder, params int[] shape) =>
            builder.Node("table", new Constant { Value = builder.Parameter("values", new TensorShape(shape)) });

        foreach (var kind in Enum.GetValues<ActivationKind>().Where(kind => kind != ActivationKind.Clamp))
            One($"{kind}", [2, 3, 4], new Activate(Activation.Of(kind)));
        foreach (var kind in Enum.GetValues<BinaryKind>())
            Add($"{kind}", [2, 3, 4], (builder, x) => builder.Node("y", new Binary { Kind = kind }, x, Table(builder, 3, 1)));
        Add(
            "prelu of a repeated value",
            [4],
            (builder, x) => builder.Node("y", new Binary { Kind = BinaryKind.ParametricRelu }, x, Table(builder, 3, 1))
        );
        Add("where", [2, 3], (builder, x) => builder.Node("y", new Where(), builder.Node("m", Activate.Relu, x), x, Table(builder, 3)));
        foreach (var kind in Enum.GetValues<ReduceKind>())
        {
            One($"reduce {kind}", [2, 3, 4], new Reduce { Kind = kind, Axes = new[] { 0, 2 } });
            One($"reduce {kind} of none", [2, 3], new Reduce { Kind = kind, Axes = new int[0] });
        }

        One("arg max", [2, 3, 4], new ArgExtreme { Axis = 1 });
        One(
            "arg min",
            [2, 3, 4],
            new ArgExtreme
            {
                Axis = 2,
                IsMinimum = true,
                KeepDimensions = false,
            }
        );
        One("top", [2, 3, 4], new TopIndices { Axis = 1, Count = 2 });
        One(
            "bottom",
            [2, 3, 4],
            new TopIndices
            {
                Axis = 2,
                Count = 4,
                IsSmallest = true,
            }
        );
        Add(
            "take",
            [2, 3, 4],
            (builder, x) => builder.Node("y", new Take { Axis = 2 }, x, builder.Node("i", new ArgExtreme { Axis = 2 }, x))
        );
        Add(
            "take elements",
            [2, 3, 4],
            (builder, x) => builder.Node("y", new TakeElements { Axis = 1 }, x, builder.Node("i", new ArgExtreme { Axis = 1 }, x))
        );
        foreach (var batch in new[] { 0, 1 })
            Add(
                $"take tuples behind {batch}",
                [2, 2, 4, 3],
                (builder, x) =>
                    builder.Node(
                        "y",
                        new TakeTuples { BatchDimensions = batch },
                        x,
                        // Pairs of indices of the rows and columns, or, without batch dimensions, of the first two axes.
                        builder.Node(
                            "i",
                            new Slice
                            {
                                Axis = 3,
                                Begin = 0,
                                End = 2,
                            },
                            builder.Node("s", new Activate(Activation.Of(ActivationKind.Sign)), x)
                        )
                    )
            );
        foreach (var kind in Enum.GetValues<RecurrenceKind>())
        {
            var layer = new Recurrence { Kind = kind, Weight = "r" };
            var isGru = kind == RecurrenceKind.Gru;
            Add($"{layer.Mnemonic} behind a layer", [5, 2, 3], (builder, x) => Recurrent(builder, x, layer, isProjected: true));
            Add(
                $"odd {layer.Mnemonic}",
                [5, 2, layer.Gates * 4],
                (builder, x) =>
                    Recurrent(
                        builder,
                        x,
                        layer with
                        {
                            IsReverse = true,
                            ResetsProduct = isGru,
                            Bias = isGru ? "b" : null,
                            KeepsCell = kind == RecurrenceKind.Lstm,
                            IsRelu = kind == RecurrenceKind.Simple,
                        },
                        isProjected: false
                    )
            );
        }

        Add(
            "gru that resets its product behind a layer",
            [5, 2, 3],
            (builder, x) =>
                Recurrent(
                    builder,
                    x,
                    new Recurrence
                    {
                        Kind = RecurrenceKind.Gru,
                        Weight = "r",
                        Bias = "b",
                        ResetsProduct = true,
                    },
                    isProjected: true
                )
        );
        One("log softmax", [2, 3, 4], new Softmax { Axis = 1, IsLogarithm = true });
        One("depth to space", [1, 8, 2, 3], new DepthToSpace { Block = 2 });
        One("pixel shuffle", [1, 8, 2, 3], new DepthToSpace { Block = 2, ChannelFirst = true });
        One("space to depth", [1, 2, 4, 6], new SpaceToDepth { Block = 2 });
        One("tile", [2, 3], new Tile { Repeats = new[] { 2, 3 } });
        One("local response", [1, 7, 2, 2], new LocalResponseNorm { Size = 5, Alpha = 0.5f });
        foreach (var mode in Enum.GetValues<PadMode>())
            One($"pad {mode}", [2, 4, 5], new Pad { Pads = new[] { 2, 0, 1, 3 }, Mode = mode });
        One("instance norm", [2, 4, 3, 3], new Normalize { Axes = new[] { 2, 3 } });
        One("group norm", [2, 4, 3, 3], new Normalize { Axes = new[] { 1, 2, 3 }, Groups = 2 });
        One("rms norm", [2, 5], new Normalize { Axes = new[] { 1 }, KeepsMean = true });
        Add(
            "layer norm",
            [2, 3, 5],
            (builder, x) =>
                builder.Node(
                    "y",
                    new Normalize
                    {
                        Axes = new[] { 2 },
                        Scale = builder.Parameter("s", new TensorShape(5)),
                        Shift = builder.Parameter("b", new TensorShape(5)),
                    },
                    x
                )
        );
        Add(
            "transposed convolution",
            [1, 4, 3, 5],
            (builder, x) =>
                builder.Node(
                    "y",
                    new ConvTranspose2d
                    {
                        Weight = builder.Parameter("w", new TensorShape(4, 3, 3, 2)),
                        Bias = builder.Parameter("b", new TensorShape(6)),
                        Window = new Window(new(3, 2), new(2, 3), new Padding(1, 0, 2, 1), new Extent(1, 2)),
                        OutputPadding = new Extent(1, 2),
                        Groups = 2,
                        Activation = Activation.Of(ActivationKind.LeakyRelu),
                    },
                    x
                )
        );
        Add(
            "linear over three dimensions",
            [2, 3, 5],
            (builder, x) =>
                builder.Node(
                    "y",
                    new Linear
                    {
                        Weight = builder.Parameter("w", new TensorShape(4, 5)),
                        Bias = builder.Parameter("b", new TensorShape(4)),
                    },
                    x
                )
        );
        foreach (var mode in Enum.GetValues<ResizeMode>())
        {
            foreach (
                var coordinates in Enum.GetValues<ResizeCoordinates>()
                    .Except([ResizeCoordinates.HalfPixelSymmetric, ResizeCoordinates.TfHalfPixelForNn])
            )
                One($"resize {mode} {coordinates}", [1, 2, 5, 7], Resized(mode, coordinates, ResizeRounding.PreferFloor));
        }

        foreach (var rounding in Enum.GetValues<ResizeRounding>())
            One($"resize {rounding}", [1, 2, 5, 7], Resized(ResizeMode.Nearest, ResizeCoordinates.Asymmetric, rounding));
        return models;
    }

    private static Resize Resized(ResizeMode mode, ResizeCoordinates coordinates, ResizeRounding rounding) =>
        new()
        {
            Sizes = new[] { 1, 2, 8, 3 },
            Mode = mode,
            Coordinates = coordinates,
            Rounding = rounding,
            Region = coordinates == ResizeCoordinates.TfCropAndResize ? new[] { 0, 0, 0.25f, 0.25f, 1, 1, 0.75f, 1.25f } : [],
            Outside = coordinates == ResizeCoordinates.TfCropAndResize ? 7 : 0,
        };

    // Four hidden units and two sequences: with a layer in front, or else with first states.
    private static string Recurrent(GraphBuilder builder, string x, Recurrence layer, bool isProjected)
    {
        const int Hidden = 4,
            Batch = 2;
        builder.Parameter(layer.Weight, new TensorShape(layer.Gates * Hidden, Hidden));
        if (layer.Bias is not null)
            builder.Parameter(layer.Bias, new TensorShape(Hidden));
        if (isProjected)
        {
            var linear = new Linear
            {
                Weight = builder.Parameter("w", new TensorShape(layer.Gates * Hidden, builder.ShapeOf(x)[2])),
                Bias = builder.Parameter("wb", new TensorShape(layer.Gates * Hidden)),
            };
            return builder.Node("y", layer, builder.Node("gates", linear, x));
        }

        var first = builder.Node("first", new Constant { Value = builder.Parameter("values", new TensorShape(Batch, Hidden)) });
        return builder.Node("y", layer, layer.Kind == RecurrenceKind.Lstm ? [x, first, first] : [x, first]);
    }
}

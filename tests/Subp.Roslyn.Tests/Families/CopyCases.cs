using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using static Subp.Roslyn.Tests.Families.DenseNetworks;

namespace Subp.Roslyn.Tests.Families;

/// <summary>The copying family: runs, strides, tables, constants, exchanges.</summary>
internal static class CopyCases
{
    public static IEnumerable<KernelCase> All()
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
        // Indices of the input itself: a rounding would change others.
        yield return Case("take", [9, 40], (builder, x) => Node(builder, new Take { Axis = 0 }, x, Index(builder, x, 0, keeps: false)));
        yield return Case("take-last", [9, 40], (builder, x) => Node(builder, new Take { Axis = 1 }, x, Index(builder, x, 1, keeps: true)));
        yield return Case(
            "take-middle",
            [3, 5, 7],
            (builder, x) => Node(builder, new Take { Axis = 1 }, x, Index(builder, x, 1, keeps: true))
        );
        yield return Case(
            "take-from-end",
            [2, 9, 17],
            (builder, x) =>
                Node(
                    builder,
                    new Take { Axis = 1 },
                    builder.Node("s", Activate.Silu, x),
                    builder.Node("n", new Activate(Activation.Of(ActivationKind.Neg)), Index(builder, x, 1, keeps: false))
                )
        );
        yield return Case(
            "take-elements",
            [9, 40],
            (builder, x) => Node(builder, new TakeElements { Axis = 1 }, x, Index(builder, x, 1, keeps: true))
        );
        // Fewer rows and columns than the value has, so that rows do not lie as those of the value, and more along the axis.
        yield return Case(
            "take-elements-within",
            [3, 5, 7],
            (builder, x) =>
                Node(
                    builder,
                    new TakeElements { Axis = 1 },
                    x,
                    builder.Node(
                        "w",
                        new Tile { Repeats = new[] { 1, 6, 1 } },
                        Slice(builder, "c", Slice(builder, "r", Index(builder, x, 1, keeps: true), 0, 1, 3), 2, 0, 5)
                    )
                )
        );
        yield return Case(
            "take-elements-first",
            [6, 3, 5],
            (builder, x) =>
                Node(
                    builder,
                    new TakeElements { Axis = 0 },
                    builder.Node("s", Activate.Silu, x),
                    builder.Node("n", new Activate(Activation.Of(ActivationKind.Neg)), Index(builder, x, 0, keeps: true))
                )
        );
        yield return Case(
            "take-tuples",
            [9, 11, 6],
            (builder, x) => Node(builder, new TakeTuples(), x, Slice(builder, "p", Signs(builder, x), 2, 1, 3))
        );
        yield return Case(
            "take-tuples-behind",
            [3, 4, 5, 6],
            (builder, x) => Node(builder, new TakeTuples { BatchDimensions = 1 }, x, Slice(builder, "p", Signs(builder, x), 3, 0, 2))
        );
        yield return Case(
            "take-tuples-each",
            [7, 13],
            (builder, x) => Node(builder, new TakeTuples { BatchDimensions = 1 }, x, Index(builder, x, 1, keeps: true))
        );
        yield return Case("tile", [2, 3, 5], (builder, x) => Node(builder, new Tile { Repeats = new[] { 3, 1, 4 } }, x));
        yield return Case("nearest-up", [1, 3, 5, 7], (builder, x) => Node(builder, new Resize { Sizes = new[] { 1, 3, 10, 14 } }, x));
        yield return Case("nearest-twice", [1, 3, 4, 37], (builder, x) => Node(builder, new Resize { Sizes = new[] { 1, 3, 8, 74 } }, x));
        yield return Case("nearest-thrice", [2, 2, 3, 16], (builder, x) => Node(builder, new Resize { Sizes = new[] { 2, 2, 9, 48 } }, x));
        yield return Case(
            "nearest-long",
            [1, 1, 1, 2100],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 1, 1, 1, 4200 } }, x)
        );
        yield return Case(
            "transpose-three-lines",
            [3, 48, 5],
            (builder, x) => Node(builder, new Transpose { Permutation = new[] { 0, 2, 1 } }, x)
        );
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

    // Indices of any axis of two elements or more.
    private static string Signs(GraphBuilder builder, string x) => builder.Node("i", new Activate(Activation.Of(ActivationKind.Sign)), x);

    private static string Slice(GraphBuilder builder, string name, string value, int axis, int begin, int end) =>
        builder.Node(
            name,
            new Slice
            {
                Axis = axis,
                Begin = begin,
                End = end,
            },
            value
        );

    private static string Index(GraphBuilder builder, string x, int axis, bool keeps) =>
        builder.Node("i", new ArgExtreme { Axis = axis, KeepDimensions = keeps }, x);
}

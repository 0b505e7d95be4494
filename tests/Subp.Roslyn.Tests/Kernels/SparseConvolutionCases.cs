using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Block-sparse convolutions, every set of layers in each form of code. Few blocks are kept, since straight-line code is long.
/// </summary>
internal static class SparseConvolutionCases
{
    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            .. new[] { UnrollMode.Full, UnrollMode.Taps, UnrollMode.Never }.SelectMany(InMode),
            // What the planner chooses on its own is one of those forms; the random networks show it often.
            KernelCase.Of("widths-Auto", new TensorShape(1, 16, 5, 33), Widths),
            KernelCase.Of("long-groups", new TensorShape(1, 64, 4, 14), LongGroups, UnrollMode.Full),
        ];

    private static IEnumerable<KernelCase> InMode(UnrollMode mode) =>
        [
            KernelCase.Of($"wide-blocks-{mode}", new TensorShape(2, 16, 9, 11), WideBlocks, mode),
            KernelCase.Of($"narrow-blocks-{mode}", new TensorShape(1, 5, 7, 13), NarrowBlocks, mode),
            KernelCase.Of($"windows-{mode}", new TensorShape(3, 12, 11, 14), Windows, mode),
            KernelCase.Of($"widths-{mode}", new TensorShape(1, 16, 5, 33), Widths, mode),
            KernelCase.Of($"sparse-linear-{mode}", new TensorShape(3, 19, 2, 3), Linear, mode),
        ];

    /// <summary>N = 16, 32 and 48 with residuals and clamps; the residual of the last layer has a halo and its output has none.</summary>
    private static string WideBlocks(GraphBuilder builder, string image)
    {
        var same = Window.Square(3, padding: 1);
        var first = builder.Conv2d(
            "first",
            image,
            48,
            same,
            bias: true,
            pattern: DrawnPattern.Uniform(16, 48, 16, 2),
            activation: Activation.Relu
        );
        var second = builder.Conv2d("second", first, 96, Window.Square(1), bias: true, pattern: DrawnPattern.Uneven(48, 96, 48, 4));
        var third = builder.Conv2d(
            "third",
            second,
            64,
            Window.Square(3, stride: 2, padding: 1),
            pattern: DrawnPattern.Uniform(32, 64, 96, 2),
            activation: new Activation(-0.5f, float.PositiveInfinity)
        );
        var fourth = builder.Conv2d("fourth", third, 64, same, bias: true, pattern: DrawnPattern.Uneven(16, 64, 64, 2));
        var sum = builder.Node("sum", Activate.Relu6, builder.Node("add", new Add(), fourth, third));
        var fifth = builder.Conv2d("fifth", sum, 64, same, bias: true, pattern: DrawnPattern.Uniform(32, 64, 64, 1));
        return builder.Node("end", new Add(), sum, fifth);
    }

    /// <summary>N = 4, 8, 12 and 24 from planar input; blocks of 12 and 4 leave part of the last channel block unwritten.</summary>
    private static string NarrowBlocks(GraphBuilder builder, string image)
    {
        var same = Window.Square(3, padding: 1);
        var value = builder.Conv2d("n4", image, 20, same, bias: true, pattern: DrawnPattern.Uniform(4, 20, 5, 1));
        value = builder.Conv2d("n8", value, 24, same, bias: true, pattern: DrawnPattern.Uneven(8, 24, 20, 2), activation: Activation.Relu);
        var narrow = builder.Conv2d("n12", value, 36, same, bias: true, pattern: DrawnPattern.Uniform(12, 36, 24, 1));
        value = builder.Conv2d("n24", narrow, 48, Window.Square(1), pattern: DrawnPattern.Uneven(24, 48, 36, 3));
        value = builder.Conv2d("back", value, 36, same, bias: true, pattern: DrawnPattern.Uneven(4, 36, 48, 2));
        return builder.Node("sum", new Add { Activation = Activation.Relu }, value, narrow);
    }

    /// <summary>Kernels of all shapes over three images.</summary>
    private static string Windows(GraphBuilder builder, string image)
    {
        var value = Conv(builder, "wide5", image, new Window(new(5, 5), Extent.One, Padding.All(4), new(2, 2)));
        value = Conv(builder, "row7", value, new Window(new(1, 7), Extent.One, new(0, 3, 0, 3), Extent.One));
        value = Conv(builder, "column7", value, new Window(new(7, 1), Extent.One, new(3, 0, 3, 0), Extent.One));
        value = Conv(builder, "uneven", value, new Window(new(2, 3), Extent.One, new(0, 2, 1, 0), Extent.One));
        value = Conv(builder, "flat", value, new Window(new(3, 3), new(1, 2), new(1, 0, 1, 1), new(1, 2)));
        return Conv(builder, "down", value, new Window(new(3, 3), new(2, 1), new(0, 1, 1, 1), Extent.One));
    }

    private static string Conv(GraphBuilder builder, string node, string input, Window window)
    {
        var channels = builder.ShapeOf(input).Channels;
        return builder.Conv2d(node, input, 32, window, bias: true, pattern: DrawnPattern.Uniform(16, 32, channels, 1));
    }

    /// <summary>Rows of 31, 29, 15 and 13 pixels, which no tile divides well.</summary>
    private static string Widths(GraphBuilder builder, string image)
    {
        var narrower = new Window(new(3, 3), Extent.One, new(1, 0, 1, 0), Extent.One);
        var value = Conv(builder, "w31", image, narrower);
        value = Conv(builder, "w29", value, narrower);
        value = Conv(builder, "w15", value, Window.Square(3, stride: 2, padding: 1));
        return Conv(builder, "w13", value, narrower);
    }

    /// <summary>Straight-line code of a group that is too long for one method.</summary>
    private static string LongGroups(GraphBuilder builder, string image) =>
        builder.Conv2d(
            "conv",
            image,
            16,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uniform(16, 16, 64, 20),
            activation: Activation.Relu
        );

    /// <summary>Linear layers are convolutions of one pixel; a group without a kept block is only its bias.</summary>
    private static string Linear(GraphBuilder builder, string image)
    {
        var value = builder.Node("flat", new Flatten(), image);
        value = builder.Linear("n16", value, 80, DrawnPattern.Uniform(16, 80, 114, 20));
        value = builder.Node("relu", Activate.Relu, value);
        value = builder.Linear("n32", value, 96, DrawnPattern.Uneven(32, 96, 80, 11));
        value = builder.Linear("n8", value, 40, DrawnPattern.Uneven(8, 40, 96, 13));
        return builder.Linear("n4", value, 12, DrawnPattern.Uniform(4, 12, 40, 9));
    }
}

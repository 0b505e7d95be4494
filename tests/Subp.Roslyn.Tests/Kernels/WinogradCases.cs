using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Text;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>3x3 convolutions of stride 1 in the Winograd domain, sparse and dense.</summary>
internal static class WinogradCases
{
    private static readonly Window Same = Window.Square(3, padding: 1);

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            // The planner would compute some of these layers directly; the cases are about the kernels, so hints ask for them.
            KernelCase.Of("winograd-blocks", new TensorShape(1, 64, 14, 17), Blocks) with
            {
                Hints = Asked("winograd4", "first", "second", "third", "fourth"),
            },
            KernelCase.Of("winograd-lengths", new TensorShape(2, 48, 13, 9), Lengths) with
            {
                Hints = Asked("winograd4", "n8", "n24", "end"),
            },
            KernelCase.Of("winograd-small-maps", new TensorShape(1, 96, 6, 9), SmallMaps) with
            {
                Hints = Asked("winograd2", "first", "end"),
            },
            KernelCase.Of("winograd-many-tiles", new TensorShape(3, 16, 28, 24), ManyTiles) with
            {
                Hints = Asked("winograd4", "dense20", "dense35", "valid"),
            },
            KernelCase.Of("winograd-stretches", new TensorShape(1, 160, 9, 8), Stretches) with
            {
                Hints = Asked("winograd4", "uneven", "dense", "end"),
            },
        ];

    private static PlanHints Asked(string algorithm, params string[] layers) =>
        layers.Aggregate(PlanHints.Create(), (hints, layer) => hints.Add(layer, "algorithm", algorithm)).Build();

    /// <summary>
    /// N = 16 and 32: residuals and clamps, tiles that reach beyond the image, chunks of unequal size, groups that keep nothing.
    /// </summary>
    private static string Blocks(GraphBuilder builder, string image)
    {
        var first = builder.Conv2d(
            "first",
            image,
            96,
            Same,
            bias: true,
            pattern: DrawnPattern.Uniform(16, 96, 64, 20),
            activation: Activation.Relu
        );
        var second = builder.Conv2d("second", first, 64, Same, bias: true, pattern: DrawnPattern.Uniform(32, 64, 96, 40));
        var sum = builder.Node("sum", Activate.Relu, builder.Node("add", new Add(), second, image));
        var third = builder.Conv2d(
            "third",
            sum,
            64,
            Same,
            pattern: DrawnPattern.Uneven(16, 64, 64, 64),
            activation: new Activation(-0.5f, 0.75f)
        );
        var fourth = builder.Conv2d("fourth", third, 80, Same, bias: true, pattern: DrawnPattern.Uneven(16, 80, 64, 64));
        return builder.Conv2d("pointwise", fourth, 16, Window.Square(1), bias: true, pattern: DrawnPattern.Uniform(16, 16, 80, 9));
    }

    /// <summary>
    /// N = 8, 24 and 48 and padding that differs on each side; blocks of 8 leave half of a channel block to their neighbour.
    /// </summary>
    private static string Lengths(GraphBuilder builder, string image)
    {
        var uneven = new Window(new(3, 3), Extent.One, new(2, 0, 1, 2), Extent.One);
        var value = builder.Conv2d(
            "n8",
            image,
            40,
            uneven,
            bias: true,
            pattern: DrawnPattern.Uniform(8, 40, 48, 30),
            activation: Activation.Relu
        );
        value = builder.Conv2d("n24", value, 48, Same, bias: true, pattern: DrawnPattern.Uniform(24, 48, 40, 32));
        var wide = builder.Conv2d("n48", value, 48, Same, bias: true, pattern: DrawnPattern.Uniform(48, 48, 48, 40));
        return builder.Node("end", new Add { Activation = Activation.Relu }, wide, value);
    }

    /// <summary>Groups of more blocks than are summed at a time, beside groups that keep few or none.</summary>
    private static string Stretches(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("uneven", image, 192, Same, bias: true, pattern: DrawnPattern.Uneven(16, 192, 160, 160));
        value = builder.Conv2d("dense", value, 144, Same, bias: true, activation: Activation.Relu);
        return builder.Conv2d("end", value, 24, Same, pattern: DrawnPattern.Uniform(8, 24, 144, 130));
    }

    /// <summary>Maps of 6 x 9 pixels have few tiles of 4 x 4, so that tiles of 2 x 2 are used.</summary>
    private static string SmallMaps(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d(
            "first",
            image,
            128,
            Same,
            bias: true,
            pattern: DrawnPattern.Uniform(16, 128, 96, 48),
            activation: Activation.Relu
        );
        var second = builder.Conv2d("second", value, 128, Same, bias: true, pattern: DrawnPattern.Uniform(32, 128, 128, 60));
        return builder.Node("end", new Add { Activation = Activation.Relu6 }, second, value);
    }

    /// <summary>Dense weights, channels that fill no whole block, and more tiles than one block holds.</summary>
    private static string ManyTiles(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("dense20", image, 20, Same, bias: true, activation: Activation.Relu);
        value = builder.Conv2d("dense35", value, 35, Same, bias: true);
        return builder.Conv2d(
            "valid",
            value,
            24,
            Window.Square(3),
            bias: true,
            pattern: BlockPattern.Full(8, 24, 35),
            activation: Activation.Relu
        );
    }
}

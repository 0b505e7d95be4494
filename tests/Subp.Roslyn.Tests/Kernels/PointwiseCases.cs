using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Layers of 1x1 taps whose tiles run over the ends of rows, whose groups come in chunks, and whose blocks are looked up ahead.
/// </summary>
internal static class PointwiseCases
{
    private static readonly Window Point = Window.Square(1);

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            KernelCase.Of("pointwise-flat", new TensorShape(1, 48, 7, 7), Flat),
            KernelCase.Of("pointwise-flat-images", new TensorShape(3, 32, 10, 11), Flat),
            KernelCase.Of("pointwise-chunks", new TensorShape(1, 128, 25, 29), Chunks),
        ];

    /// <summary>A gap between the rows of some outputs, since 3x3 kernels read them; residuals; uneven groups; dense weights.</summary>
    private static string Flat(GraphBuilder builder, string image)
    {
        const int channels = 96;
        var first = builder.Conv2d(
            "first",
            image,
            channels,
            Point,
            bias: true,
            pattern: DrawnPattern.Uneven(16, channels, InputsOf(builder, image), 20)
        );
        var window = builder.Conv2d(
            "window",
            first,
            64,
            Window.Square(3, padding: 1),
            pattern: DrawnPattern.Uniform(16, 64, channels, 3),
            activation: Activation.Relu
        );
        var second = builder.Conv2d(
            "second",
            window,
            channels,
            Point,
            bias: true,
            pattern: DrawnPattern.Uniform(16, channels, 64, 11),
            activation: Activation.Relu6
        );
        var sum = builder.Node("sum", new Add { Activation = Activation.Relu }, second, first);
        var wide = builder.Conv2d("wide", sum, 64, Point, bias: true, pattern: DrawnPattern.Uniform(32, 64, channels, 17));
        // A residual that lives on, so that nothing may be written over it.
        var more = builder.Conv2d("more", wide, 64, Point, pattern: DrawnPattern.Uniform(16, 64, 64, 9));
        var added = builder.Node("added", new Add { Activation = Activation.Relu }, more, wide);
        var narrow = builder.Conv2d("narrow", added, 40, Point, pattern: DrawnPattern.Uniform(8, 40, 64, 9), activation: Activation.Relu);
        var dense = builder.Conv2d("dense", narrow, 64, Point, bias: true);
        return builder.Node("end", new Add(), dense, wide);
    }

    /// <summary>
    /// Weights of more than two chunks, of even and of uneven groups; few enough inputs for the longest tile, and enough tiles of it.
    /// </summary>
    private static string Chunks(GraphBuilder builder, string image)
    {
        const int groups = 48;
        const int channels = groups * 16;
        int inputs = InputsOf(builder, image);
        var even = builder.Conv2d(
            "even",
            image,
            channels,
            Point,
            bias: true,
            pattern: DrawnPattern.Uniform(16, channels, inputs, 100),
            activation: Activation.Relu
        );
        var kept = Enumerable.Range(0, groups).Select(group => (IReadOnlyList<int>)[.. Enumerable.Range(group, inputs - group)]);
        var uneven = builder.Conv2d("uneven", image, channels, Point, bias: true, pattern: new BlockPattern(16, inputs, [.. kept]));
        return builder.Node("sum", new Add(), even, uneven);
    }

    private static int InputsOf(GraphBuilder builder, string value) => builder.ShapeOf(value).Channels;
}

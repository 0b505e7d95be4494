using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Layers of 1x1 taps over stripes of pixels, which hints ask for: short and long blocks, maps that no stripe divides, spans of one and of
/// two lengths, residuals in both layouts, neighbours that read blocks with zeros around them, and functions behind the sums.
/// </summary>
internal static class StripeCases
{
    private static readonly Window Point = Window.Square(1);

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            .. new[] { 4, 8, 12, 16, 32 }.Select(length =>
                Case($"stripes-n{length}", new TensorShape(1, 48, 7, 7), (builder, image) => Bottleneck(builder, image, length))
            ),
            Case("stripes-images", new TensorShape(3, 32, 10, 11), (builder, image) => Bottleneck(builder, image, 8)),
            Case("stripes-whole-rows", new TensorShape(2, 32, 6, 16), (builder, image) => Bottleneck(builder, image, 16)),
            Case("stripes-wide-rows", new TensorShape(1, 16, 14, 40), (builder, image) => Bottleneck(builder, image, 4)),
            Case("stripes-one-pixel", new TensorShape(2, 32, 1, 1), (builder, image) => Bottleneck(builder, image, 8)),
            Case("stripes-many-weights", new TensorShape(1, 256, 3, 5), ManyWeights),
            Case("stripes-functions", new TensorShape(1, 32, 9, 9), Functions),
            Case("stripes-joined", new TensorShape(2, 32, 5, 6), Joined),
        ];

    private static KernelCase Case(string name, TensorShape input, Func<GraphBuilder, string, string> layers)
    {
        var plain = KernelCase.Of(name, input, layers);
        return plain with { Hints = StripeHints.For(plain.Model) };
    }

    /// <summary>
    /// A residual block whose 3x3 reads blocks, and whose sum goes to stripes and to blocks; the first sum may be written over, the second
    /// lives on.
    /// </summary>
    private static string Bottleneck(GraphBuilder builder, string image, int length)
    {
        const int wide = 96,
            narrow = 48;
        // What a block length does not divide is another network.
        var narrowed = narrow % length == 0 ? narrow : 64;
        var first = Pointwise(builder, "first", image, wide, length, 11, Activation.None, isUneven: true);
        var reduced = Pointwise(builder, "reduced", first, narrowed, length, 20, Activation.Relu);
        var window = builder.Conv2d(
            "window",
            reduced,
            narrowed,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uniform(16, narrowed, narrowed, 9),
            activation: Activation.Relu
        );
        var expanded = Pointwise(builder, "expanded", window, wide, length, 13, Activation.None);
        var sum = builder.Node("sum", new Add { Activation = Activation.Relu }, expanded, first);
        var again = Pointwise(builder, "again", sum, wide, length, 7, Activation.None);
        var second = builder.Node("second", new Add { Activation = Activation.Relu6 }, again, sum);
        var last = Pointwise(builder, "last", second, wide, length, 30, Activation.HardSwish);
        var third = builder.Node("third", new Add(), last, sum);
        return builder.Node("mean", new GlobalAveragePool(), third);
    }

    /// <summary>More weights than inputs, so that groups are the outer loop, and so many that they are fetched ahead.</summary>
    private static string ManyWeights(GraphBuilder builder, string image)
    {
        var first = Pointwise(builder, "first", image, 512, 16, 100, Activation.Relu);
        var second = Pointwise(builder, "second", first, 512, 8, 150, Activation.None, isUneven: true);
        var sum = builder.Node("sum", new Add { Activation = Activation.Relu }, second, first);
        return builder.Node("mean", new GlobalAveragePool(), sum);
    }

    private static string Functions(GraphBuilder builder, string image)
    {
        var silu = Pointwise(builder, "silu", image, 32, 4, 9, Activation.Silu);
        var sigmoid = Pointwise(builder, "sigmoid", silu, 48, 16, 11, Activation.Sigmoid);
        return Pointwise(builder, "leaky", sigmoid, 32, 8, 17, Activation.None with { Kind = ActivationKind.LeakyRelu, Alpha = 0.1f });
    }

    /// <summary>Results that lie in a concatenation are blocks.</summary>
    private static string Joined(GraphBuilder builder, string image)
    {
        var left = Pointwise(builder, "left", image, 32, 8, 9, Activation.Relu);
        var right = Pointwise(builder, "right", image, 48, 16, 11, Activation.Relu);
        var joined = builder.Node("joined", new Concat(), left, image, right);
        return Pointwise(builder, "behind", joined, 64, 4, 40, Activation.None);
    }

    private static string Pointwise(
        GraphBuilder builder,
        string name,
        string input,
        int channels,
        int length,
        int kept,
        Activation activation,
        bool isUneven = false
    ) =>
        builder.Conv2d(
            name,
            input,
            channels,
            Point,
            bias: true,
            pattern: isUneven
                ? DrawnPattern.Uneven(length, channels, builder.ShapeOf(input).Channels, kept)
                : DrawnPattern.Uniform(length, channels, builder.ShapeOf(input).Channels, kept),
            activation: activation
        );
}

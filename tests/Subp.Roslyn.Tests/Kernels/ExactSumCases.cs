using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Direct convolutions whose sums are taken by stretches, so that they round little.</summary>
internal static class ExactSumCases
{
    /// <summary>The cases: tables, counted loops, tiles over the ends of rows, residuals in place, lengths no stretch divides.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            KernelCase.Of("exact-sums", new TensorShape(2, 3, 37, 29), Layers) with
            {
                Precise = true,
            },
            KernelCase.Of("exact-sums-tables", new TensorShape(1, 96, 7, 9), Tables, UnrollMode.Never) with
            {
                Precise = true,
            },
        ];

    private static string Layers(GraphBuilder builder, string image)
    {
        var stem = builder.Conv2d("stem", image, 96, Window.Square(7, stride: 2, padding: 3), bias: true, activation: Activation.Relu);
        var wide = builder.Conv2d("wide", stem, 160, Window.Square(1), bias: true, pattern: DrawnPattern.Uniform(16, 160, 96, 80));
        var uneven = builder.Conv2d("uneven", wide, 160, Window.Square(1), pattern: DrawnPattern.Uneven(16, 160, 160, 160));
        var sum = builder.Node("sum", Activate.Relu, builder.Node("add", new Add(), uneven, wide));
        var dense = builder.Conv2d("dense", sum, 40, Window.Square(1), bias: true, activation: new Activation(-0.5f, 0.75f));
        var strided = builder.Conv2d(
            "strided",
            dense,
            24,
            Window.Square(3, stride: 2, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uniform(8, 24, 40, 33)
        );
        return builder.Conv2d("end", strided, 20, Window.Square(5, padding: 2), bias: true);
    }

    private static string Tables(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d(
            "first",
            image,
            64,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: DrawnPattern.Uneven(16, 64, 96, 96)
        );
        return builder.Conv2d("second", value, 32, Window.Square(1), bias: true, pattern: DrawnPattern.Uneven(4, 32, 64, 64));
    }
}

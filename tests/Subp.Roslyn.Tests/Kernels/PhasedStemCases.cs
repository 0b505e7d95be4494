using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Stems of stride 2 that are computed by the phases of their input in the Winograd domain.</summary>
internal static class PhasedStemCases
{
    /// <summary>The cases; the planner would compute some of these small maps directly, so hints ask for the phases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            // Maps that whole tiles cover, and that a pool reads, as in residual networks.
            Case("stem-whole-tiles", new TensorShape(1, 3, 64, 96), Window.Square(7, stride: 2, padding: 3), 64, Activation.Relu),
            // Edges of every kind, several images, outputs that fill neither 32 lanes nor whole blocks.
            Case("stem-edges", new TensorShape(2, 3, 37, 51), Window.Square(7, stride: 2, padding: 3), 20, Activation.Relu6),
            Case("stem-uneven-padding", new TensorShape(1, 1, 40, 33), new(new(7, 7), new(2, 2), new(2, 0, 1, 4), Extent.One), 96, default),
            Case("stem-even-kernel", new TensorShape(1, 4, 35, 30), Window.Square(8, stride: 2, padding: 3), 32, new(-0.5f, 0.75f)),
            // With the pool behind them: whole tiles, 28 in a row, of which each thread has some rows.
            Pooled("pooled-whole-tiles", new TensorShape(1, 3, 64, 224), 64, Activation.Relu),
            // Rows and columns that end inside of a tile, even and odd, one and two rows of the last row of tiles; several images with an
            // odd number of rows of tiles; negative values at the edge; 7, 15 and 16 tiles in a row; outputs of half a block.
            Pooled("pooled-edges", new TensorShape(2, 3, 37, 51), 20, default),
            Pooled("pooled-odd-rows", new TensorShape(3, 1, 34, 118), 48, new(-0.5f, 0.75f)),
            Pooled("pooled-last-row", new TensorShape(1, 4, 49, 122), 96, Activation.Relu6),
            // The caller gets the pooled map.
            Pooled("pooled-result", new TensorShape(1, 3, 50, 61), 64, Activation.Relu, isResult: true),
        ];

    private static KernelCase Pooled(string name, TensorShape input, int outputs, Activation activation, bool isResult = false) =>
        KernelCase.Of(
            name,
            input,
            (builder, image) =>
            {
                var stem = builder.Conv2d(
                    "stem",
                    image,
                    outputs,
                    Window.Square(7, stride: 2, padding: 3),
                    bias: true,
                    activation: activation
                );
                var pool = builder.Node(
                    "pool",
                    new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, stride: 2, padding: 1) },
                    stem
                );
                return isResult ? pool : builder.Conv2d("next", pool, 16, Window.Square(3, padding: 1), bias: true);
            }
        ) with
        {
            Hints = PlanHints.Create().Add("stem", "algorithm", "winograd4x4").Build(),
        };

    private static KernelCase Case(string name, TensorShape input, Window window, int outputs, Activation activation) =>
        KernelCase.Of(
            name,
            input,
            (builder, image) =>
            {
                var stem = builder.Conv2d("stem", image, outputs, window, bias: true, activation: activation);
                return builder.Conv2d("next", stem, 16, Window.Square(3, padding: 1), bias: true);
            }
        ) with
        {
            Hints = PlanHints.Create().Add("stem", "algorithm", "winograd4x4").Add("next", "algorithm", "direct").Build(),
        };
}

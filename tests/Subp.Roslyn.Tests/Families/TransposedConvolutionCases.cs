using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using static Subp.Roslyn.Tests.Families.DenseNetworks;

namespace Subp.Roslyn.Tests.Families;

/// <summary>Transposed convolutions: strides, paddings, dilations, groups, rows longer and shorter than vectors.</summary>
internal static class TransposedConvolutionCases
{
    public static IEnumerable<KernelCase> All()
    {
        yield return Transposed("transposed-2x2", [1, 6, 5, 19], 10, new Window(new(2, 2), new(2, 2), Padding.None, Extent.One));
        yield return Transposed("transposed-4x4", [2, 5, 7, 40], 8, new Window(new(4, 4), new(2, 2), new Padding(1, 1, 1, 1), Extent.One));
        yield return Transposed(
            "transposed-3x3",
            [1, 3, 6, 6],
            17,
            new Window(new(3, 3), new(2, 2), new Padding(1, 1, 1, 1), Extent.One),
            new Extent(1, 1)
        );
        yield return Transposed(
            "transposed-pairs",
            [1, 4, 2, 33],
            9,
            new Window(new(2, 4), new(2, 2), new Padding(0, 1, 0, 1), Extent.One)
        );
        yield return Transposed(
            "transposed-threes",
            [1, 4, 2, 35],
            8,
            new Window(new(1, 5), new(1, 3), new Padding(0, 1, 0, 2), Extent.One)
        );
        yield return Transposed(
            "transposed-apart",
            [1, 3, 3, 18],
            9,
            new Window(new(2, 7), new(2, 5), Padding.None, Extent.One),
            new(1, 3)
        );
        yield return Transposed("transposed-fours", [1, 3, 2, 50], 4, new Window(new(4, 4), new(4, 4), Padding.None, Extent.One));
        yield return Transposed(
            "transposed-same",
            [1, 3, 6, 21],
            4,
            new Window(new(3, 3), Extent.One, new Padding(1, 1, 1, 1), Extent.One)
        );
        yield return Transposed(
            "transposed-dilated",
            [1, 4, 5, 6],
            4,
            new Window(new(3, 2), new(1, 3), new Padding(0, 2, 1, 0), new(2, 2))
        );
        // Several stretches of rows, of which the last is shorter and has fewer vectors; and taps that lie on one side of their cells.
        yield return Transposed("transposed-stretches", [1, 40, 23, 9], 72, Window.Square(4, stride: 2, padding: 1));
        yield return Transposed("transposed-before", [2, 7, 9, 10], 20, Window.Square(6, stride: 2, padding: 5));
        yield return Transposed("transposed-wide", [1, 300, 3, 70], 12, Window.Square(2, stride: 2));
        yield return Transposed("transposed-sparse", [1, 3, 4, 20], 5, new Window(new(1, 2), new(3, 4), Padding.None, Extent.One));
        yield return Transposed("transposed-pixel", [3, 20, 1, 1], 16, Window.Square(4, stride: 1));
        yield return Transposed(
            "transposed-groups",
            [1, 6, 4, 5],
            6,
            new Window(new(3, 3), new(3, 2), Padding.None, Extent.One),
            groups: 2
        );
    }

    private static KernelCase Transposed(
        string name,
        int[] shape,
        int outputs,
        Window window,
        Extent outputPadding = default,
        int groups = 1
    ) =>
        Case(
            name,
            shape,
            (builder, x) =>
                Node(
                    builder,
                    new ConvTranspose2d
                    {
                        Weight = builder.Parameter(
                            "weight",
                            new TensorShape(shape[1], outputs / groups, window.Kernel.Height, window.Kernel.Width)
                        ),
                        Bias = builder.Parameter("bias", new TensorShape(outputs)),
                        Window = window,
                        OutputPadding = outputPadding,
                        Groups = groups,
                        Activation = Activation.Of(ActivationKind.Elu),
                    },
                    x
                )
        );
}

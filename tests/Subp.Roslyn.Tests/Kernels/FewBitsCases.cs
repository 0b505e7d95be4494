using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Weights of few bits in every layer that reads some, each unpacked from another number of bits.</summary>
internal static class FewBitsCases
{
    private const string Prefix = "few-bits-";

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            // As they lie in the file: one row of lanes at a time, blocks of each length, groups that differ.
            Rounded(2, "blocks-16", Blocks(DrawnPattern.Uniform(16, 32, 12, 5), 3)),
            Rounded(3, "blocks-4", Blocks(DrawnPattern.Uniform(4, 20, 9, 3), 3)),
            Rounded(5, "blocks-8", Blocks(DrawnPattern.Uniform(8, 40, 11, 7), 1)),
            Rounded(
                4,
                "uneven",
                Blocks(
                    Uneven(
                        12,
                        [
                            [0, 1, 5, 11],
                            [],
                            [2, 3, 4, 5, 6, 7, 8],
                        ]
                    ),
                    3
                )
            ),
            InStripes(Rounded(3, "stripes", Blocks(DrawnPattern.Uniform(8, 48, 32, 9), 1))),
            InStripes(
                Rounded(
                    4,
                    "stripes-uneven",
                    Blocks(
                        Uneven(
                            16,
                            [
                                [0, 1, 5, 11],
                                [],
                                [2, 3, 4, 5, 6, 7, 8],
                            ]
                        ),
                        1
                    )
                )
            ),
            // Repacked, by rows of outputs whose lengths are no multiples of anything.
            Rounded(8, "dense", (builder, image) => builder.Conv2d("conv", image, 19, Window.Square(5, padding: 2), bias: true)),
            Rounded(6, "winograd", (builder, image) => builder.Conv2d("conv", image, 32, Window.Square(3, padding: 1), bias: true)),
            Rounded(7, "grouped", (builder, image) => builder.Conv2d("conv", image, 24, Window.Square(3), groups: 4, bias: true)),
            Rounded(
                4,
                "depthwise",
                (builder, image) => builder.Conv2d("conv", image, 12, Window.Square(7, padding: 3), groups: 12, bias: true)
            ),
            Rounded(3, "linear", (builder, image) => builder.Linear("linear", builder.Node("flat", new Flatten(), image), 21)),
            Rounded(
                6,
                "sparse-linear",
                (builder, image) =>
                    builder.Linear("linear", builder.Node("flat", new Flatten(), image), 32, DrawnPattern.Uniform(16, 32, 12 * 56, 31))
            ),
            .. new[] { 2, 3, 4, 6 }.Select(bits => Bytes(bits)),
        ];

    /// <summary>The same network with its weights stored as they are.</summary>
    public static KernelCase Rounded(int bits, string name, Func<GraphBuilder, string, string> layers)
    {
        var kernelCase = KernelCase.Of($"{Prefix}{bits}-{name}", new TensorShape(1, 12, 7, 8), layers);
        return kernelCase with { Model = FewBitWeights.Of(kernelCase.Model, bits) };
    }

    private static Func<GraphBuilder, string, string> Blocks(BlockPattern pattern, int kernel) =>
        (builder, image) =>
        {
            var input = builder.Conv2d("in", image, pattern.InputChannels, Window.Square(1), bias: true);
            return builder.Conv2d(
                "conv",
                input,
                pattern.OutputChannels,
                Window.Square(kernel, padding: kernel / 2),
                bias: true,
                pattern: pattern
            );
        };

    private static BlockPattern Uneven(int inputs, IReadOnlyList<IReadOnlyList<int>> kept) => new(16, inputs, kept);

    private static KernelCase InStripes(KernelCase kernelCase) => kernelCase with { Hints = StripeHints.For(kernelCase.Model) };

    private static KernelCase Bytes(int bits)
    {
        var floats = KernelCase.Of(
            $"{Prefix}{bits}-bytes",
            new TensorShape(1, 12, 7, 8),
            (builder, image) =>
            {
                var value = builder.Conv2d("dense", image, 32, Window.Square(3, padding: 1), bias: true);
                value = builder.Conv2d("depthwise", value, 32, Window.Square(5, padding: 2), groups: 32, bias: true);
                return builder.Conv2d("sparse", value, 32, Window.Square(1), bias: true, pattern: DrawnPattern.Uniform(16, 32, 32, 9));
            }
        );
        var model = RandomWeights.For(QuantizedGraph.Of(floats.Model.Graph, 1), seed: 1);
        return floats with { Model = FewBitWeights.Of(model, bits), Unroll = UnrollMode.Auto };
    }
}

using Subp.Tooling.Benchmarking;

namespace Subp.Benchmarks.Peers.Layers;

/// <summary>A layer to compare, with bias and ReLU, batch 1, one thread.</summary>
/// <param name="Title">The layer, as the tables call it.</param>
/// <param name="Specification">Its shape.</param>
/// <param name="Sparsity">The share of pruned 1x16 blocks; 0 for a dense layer.</param>
/// <param name="Goal">The microseconds it should take at an FMA peak of <see cref="Reporting.Goal.StatedPeak"/>, or null where it should
/// take no longer than the best dense peer.</param>
/// <param name="IsCold">True where the goal is stated for weights that are not in the caches.</param>
internal sealed record LayerCase(string Title, LayerSpecification Specification, double Sparsity, double? Goal, bool IsCold = false)
{
    /// <summary>N of the sparse layers.</summary>
    public const int BlockLength = 16;

    /// <summary>All of them, in the order of the table.</summary>
    public static IReadOnlyList<LayerCase> All { get; } =
    [
        Sparse("3x3 64->64, 56x56", "64x64k3h56w56", 105),
        Sparse("3x3 128->128, 28x28", "128x128k3h28w28", 92),
        Sparse("3x3 256->256, 14x14", "256x256k3h14w14", 105),
        Sparse("3x3 512->512, 7x7", "512x512k3h7w7", 175) with
        {
            IsCold = true,
        },
        Sparse("3x3 s2 64->128, 56x56", "64x128k3s2h56w56", 130),
        Sparse("1x1 64->64, 56x56", "64x64k1h56w56", 28),
        Sparse("1x1 256->64, 56x56", "256x64k1h56w56", 108),
        Sparse("1x1 64->256, 56x56", "64x256k1h56w56", 112),
        Sparse("1x1 512->512, 14x14", "512x512k1h14w14", 120),
        Sparse("1x1 1024->1024, 7x7", "1024x1024k1h7w7", 135),
        Dense("depthwise 3x3 512, 14x14", "512x512k3g512h14w14", null),
        Dense("depthwise 3x3 32, 112x112", "32x32k3g32h112w112", null),
        Dense("depthwise 3x3 s2 64, 112x112", "64x64k3s2g64h112w112", null),
        Dense("7x7 s2 3->64, 224x224", "3x64k7s2h224w224", 900),
    ];

    private static LayerCase Sparse(string title, string shape, double goal) => new(title, LayerSpecification.Parse(shape), 0.75, goal);

    private static LayerCase Dense(string title, string shape, double? goal) => new(title, LayerSpecification.Parse(shape), 0, goal);
}

using Subp.Compression.Blocks;
using Subp.Compression.Channels;
using Subp.Compression.Precision;

namespace Subp.Cli.Compression;

/// <summary>The words by which commands and experiment files name criteria and restorations.</summary>
internal static class CompressionWords
{
    /// <summary>What is done about the loss of channels.</summary>
    public static IReadOnlyDictionary<string, ChannelRestoration> Channels { get; } =
        new Dictionary<string, ChannelRestoration>(StringComparer.Ordinal)
        {
            ["none"] = ChannelRestoration.None,
            ["bn"] = ChannelRestoration.BatchNorm,
            ["merge"] = ChannelRestoration.Merge,
            ["udfc"] = ChannelRestoration.Udfc,
            ["moments"] = ChannelRestoration.Moments,
        };

    /// <summary>Which channels go.</summary>
    public static IReadOnlyDictionary<string, ChannelCriterion> Criteria { get; } =
        new Dictionary<string, ChannelCriterion>(StringComparer.Ordinal)
        {
            ["unexplained-variance"] = ChannelCriterion.UnexplainedVariance,
            ["l1"] = ChannelCriterion.L1,
            ["l2"] = ChannelCriterion.L2,
            ["gamma"] = ChannelCriterion.Gamma,
            ["geometric-median"] = ChannelCriterion.GeometricMedian,
            ["random"] = ChannelCriterion.Random,
            ["taylor"] = ChannelCriterion.Taylor,
        };

    /// <summary>What is done about the loss of blocks.</summary>
    public static IReadOnlyDictionary<string, BlockRestoration> Blocks { get; } =
        new Dictionary<string, BlockRestoration>(StringComparer.Ordinal)
        {
            ["none"] = BlockRestoration.None,
            ["bn"] = BlockRestoration.BatchNorm,
            ["moments"] = BlockRestoration.Moments,
            ["noise"] = BlockRestoration.Noise,
        };

    /// <summary>What is done about rounding.</summary>
    public static IReadOnlyDictionary<string, PrecisionCompensation> Compensations { get; } =
        new Dictionary<string, PrecisionCompensation>(StringComparer.Ordinal)
        {
            ["none"] = PrecisionCompensation.None,
            ["bn"] = PrecisionCompensation.BatchNorm,
            ["df-mpc"] = PrecisionCompensation.DfMpc,
            ["udfc"] = PrecisionCompensation.Udfc,
            ["moments"] = PrecisionCompensation.Moments,
        };

    /// <summary>The criterion of a restoration where none is named: moments choose for themselves.</summary>
    public static ChannelCriterion Usual(ChannelRestoration restoration) =>
        restoration == ChannelRestoration.Moments ? ChannelCriterion.UnexplainedVariance : ChannelCriterion.L1;
}

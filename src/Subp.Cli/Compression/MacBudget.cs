using Subp.Cli.Terminal;
using Subp.Compression.Channels;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;

namespace Subp.Cli.Compression;

/// <summary>Finds the share of channels that brings a network down to a number of multiply-adds.</summary>
internal static class MacBudget
{
    private const int Steps = 64;

    /// <summary>The options with the smallest ratio that is enough.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">All but the ratio.</param>
    /// <param name="share">The share of multiply-adds that may be left.</param>
    /// <exception cref="SubpException">SUBP0534: no ratio is enough. SUBP0533: no channels can go.</exception>
    public static ChannelOptions Reach(Graph graph, ChannelOptions options, double share)
    {
        double all = LayerCost.Total(graph).DenseMacs;
        double Left(int step) =>
            LayerCost.Total(ChannelCompression.Structure(graph, options with { Ratio = (double)step / Steps })).DenseMacs / all;

        // The work falls as the ratio grows: halve the range.
        int low = 0,
            high = Steps - 1;
        var least = Left(high);
        if (least > share)
            throw new SubpException(
                DiagnosticDescriptors.BudgetNotMet,
                "--macs",
                Figures.Percent(share),
                FormattableString.Invariant($"at least {Figures.Percent(least)}, which is left when every group loses what it can"),
                "Allow --shared or a smaller --multiple, or leave fewer layers out."
            );
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Left(middle) <= share)
                high = middle;
            else
                low = middle;
        }

        return options with
        {
            Ratio = (double)high / Steps,
        };
    }
}

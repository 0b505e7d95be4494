using Subp.Cli.Report;
using Subp.Training.Runs;

namespace Subp.Cli.Runs;

/// <summary>The curves of one or several runs: accuracy, loss, sparsity, and how much the masks move.</summary>
internal static class TrainingCurves
{
    /// <summary>Adds the charts. Sparsity and masks are left out where no run has any.</summary>
    /// <param name="page">The page.</param>
    /// <param name="runs">The runs, each with a short name and one summary per epoch.</param>
    public static void Add(HtmlPage page, IReadOnlyList<(string Name, IReadOnlyList<EpochSummary> History)> runs)
    {
        page.Add("<div class=\"charts\">");
        AddChart(page, runs, "Test accuracy", "0.0 %", epoch => epoch.TestAccuracy);
        AddChart(page, runs, "Training loss", "0.00", epoch => epoch.TrainLoss);
        var masked = runs.Where(run => run.History.Any(epoch => epoch.Layers.Count > 0)).ToArray();
        if (masked.Length > 0)
        {
            AddChart(page, runs, "Pruned blocks", "0 %", epoch => epoch.Sparsity);
            AddChart(page, runs, "Blocks that changed since the epoch before", "0.0 %", ShareOfChanges);
        }

        page.Add("</div>");
    }

    /// <summary>The share of all blocks of the masked layers that an epoch turned on or off; 0 where there are none.</summary>
    public static double ShareOfChanges(EpochSummary epoch)
    {
        var blocks = epoch.Layers.Sum(layer => (double)layer.Groups * layer.InputChannels);
        return blocks == 0 ? 0 : epoch.Layers.Sum(layer => (double)layer.ChangedBlocks) / blocks;
    }

    private static void AddChart(
        HtmlPage page,
        IReadOnlyList<(string Name, IReadOnlyList<EpochSummary> History)> runs,
        string title,
        string unit,
        Func<EpochSummary, double> value
    )
    {
        var chart = new LineChart(title, unit, [.. runs.Select(run => (run.Name, (IReadOnlyList<double>)[.. run.History.Select(value)]))]);
        page.Add($"<figure><figcaption>{HtmlPage.Encode(title)}</figcaption>{chart.ToSvg()}</figure>");
    }
}

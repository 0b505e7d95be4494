using Subp.Cli.Report;
using Subp.Tooling.Text;
using Subp.Tooling.Verification;

namespace Subp.Cli.Compression;

/// <summary>The page that <c>compress --report</c> writes: what was gained, what it cost, and layer by layer where.</summary>
/// <param name="Source">The original, as it was named.</param>
/// <param name="Network">The compressed network.</param>
/// <param name="Restoration">What was done about the loss.</param>
/// <param name="Before">What the original costs.</param>
/// <param name="After">What the compressed network costs.</param>
/// <param name="Differences">How far outputs are from those of the original, on one set of inputs or more.</param>
/// <param name="Accuracy">The accuracy before and after, or null.</param>
/// <param name="Settings">Other settings for the same network; none where they were not asked for.</param>
internal sealed record CompressionReport(
    string Source,
    CompressedNetwork Network,
    string Restoration,
    CompressionFigures Before,
    CompressionFigures After,
    IReadOnlyList<OutputDifference> Differences,
    AccuracyChange? Accuracy,
    IReadOnlyList<ParetoPoint> Settings
)
{
    /// <summary>The page.</summary>
    public string Write()
    {
        var page = new HtmlPage($"{Network.Packed.Graph.Name}, compressed without training");
        page.Add($"<h1>{HtmlPage.Encode(Network.Packed.Graph.Name)}, compressed without training</h1>");
        page.Add(
            $"<p>From <strong>{HtmlPage.Encode(Path.GetFileName(Source))}</strong>; restored by "
                + $"<strong>{HtmlPage.Encode(Restoration)}</strong>. Times are "
                + "of one thread on this machine, medians of rounds in turns; predictions are those of the cost model that kernels are "
                + "chosen with.</p>"
        );
        AddFigures(page);
        AddLosses(page);
        AddSettings(page);
        AddLayers(page);
        AddChannels(page);
        return page.ToString();
    }

    private void AddFigures(HtmlPage page)
    {
        static string Share(double after, double before) => before > 0 ? Figures.Percent(after / before) : "";
        page.AddTable(
            ["", ">original", ">compressed", ">left"],
            [
                [
                    Network.Bits is null ? "weights" : "weights, packed at their bits",
                    Figures.Bytes(Before.Bytes),
                    Figures.Bytes(After.Bytes),
                    Share(After.Bytes, Before.Bytes),
                ],
                ["multiply-adds", Figures.Short(Before.Macs), Figures.Short(After.Macs), Share(After.Macs, Before.Macs)],
                [
                    "predicted time",
                    ShrinkBudget.Microseconds(Before.PredictedMicroseconds),
                    ShrinkBudget.Microseconds(After.PredictedMicroseconds),
                    Share(After.PredictedMicroseconds, Before.PredictedMicroseconds),
                ],
                [
                    "measured time",
                    ShrinkBudget.Microseconds(Before.MeasuredMicroseconds),
                    ShrinkBudget.Microseconds(After.MeasuredMicroseconds),
                    Share(After.MeasuredMicroseconds, Before.MeasuredMicroseconds),
                ],
            ]
        );
    }

    private void AddLosses(HtmlPage page)
    {
        page.Add("<h2>What is lost</h2>");
        if (Accuracy is not null)
            page.Add($"<p><strong>{HtmlPage.Encode(Accuracy.ToString())}</strong>.</p>");
        page.AddTable(
            ["inputs", ">outputs off by", ">the same class"],
            Differences.Select(difference =>
                (IReadOnlyList<string>)
                    [HtmlPage.Encode(difference.Inputs), Figures.Percent(difference.RelativeError), Figures.Percent(difference.SameClass)]
            )
        );
    }

    private void AddSettings(HtmlPage page)
    {
        if (Settings.Count == 0)
            return;
        page.Add("<h2>Other settings</h2>");
        page.Add("<p>The line joins those than which no other is both faster and nearer to the original.</p>");
        if (ParetoPlot.Draw(Settings) is { } picture)
            page.Add($"<figure>{picture}</figure>");
        page.AddTable(
            ["blocks removed", ">predicted time", ">weights", ">outputs off by"],
            Settings.Select(point =>
                (IReadOnlyList<string>)
                    [
                        HtmlPage.Encode(point.Name),
                        ShrinkBudget.Microseconds(point.Microseconds),
                        Figures.Bytes(point.Bytes),
                        Figures.Percent(point.RelativeError),
                    ]
            )
        );
    }

    private void AddLayers(HtmlPage page)
    {
        string[] names = [.. Network.Layers.Select(layer => layer.Layer).Union(Network.Bits?.Keys ?? [])];
        if (names.Length == 0)
            return;
        page.Add("<h2>Layers</h2>");
        page.AddTable(
            ["layer", ">kept channels per group", ">bits", ">predicted error of blocks"],
            names.Select(name =>
            {
                var layer = Network.Layers.FirstOrDefault(layer => layer.Layer == name);
                return (IReadOnlyList<string>)
                    [
                        HtmlPage.Encode(name),
                        layer is null ? "" : FormattableString.Invariant($"{layer.Kept} of {layer.InputChannels}"),
                        Network.Bits is not null && Network.Bits.TryGetValue(name, out var bits) ? Figures.Count(bits) : "",
                        layer is null ? ""
                        : layer.PredictedError is { } error ? Figures.Percent(error)
                        : "unknown",
                    ];
            })
        );
    }

    private void AddChannels(HtmlPage page)
    {
        if (Network.Groups.Count == 0)
            return;
        page.Add("<h2>Channels</h2>");
        page.AddTable(
            ["channels of", ">before", ">asked", ">after", "why they stay"],
            Network.Groups.Select(group =>
                (IReadOnlyList<string>)
                    [
                        HtmlPage.Encode(string.Join(", ", group.Layers)),
                        Figures.Count(group.Before),
                        group.Reason is null ? Figures.Count(group.Asked) : "",
                        Figures.Count(group.After),
                        HtmlPage.Encode(group.Reason ?? ""),
                    ]
            )
        );
    }
}

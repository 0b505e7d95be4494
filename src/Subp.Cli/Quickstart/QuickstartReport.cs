using Subp.Cli.Report;
using Subp.Tooling.Text;
using Subp.Training.Runs;

namespace Subp.Cli.Quickstart;

/// <summary>The page that a quickstart leaves: what was gained, what it cost, and where every microsecond goes.</summary>
internal static class QuickstartReport
{
    private const int LayerThreads = 1;

    /// <summary>The page.</summary>
    public static string Write(QuickstartResult result)
    {
        var page = new HtmlPage($"{result.Network}: dense against 1x{result.BlockLength} block-sparse");
        AddHead(page, result);
        AddCharts(page, result);
        page.Add("<h2>Side by side</h2>");
        page.AddTable(
            ["", ">dense", ">sparse", ">sparse against dense"],
            QuickstartTable.Rows(result).Select(row => (IReadOnlyList<string>)[.. row.Select(HtmlPage.Encode)])
        );
        AddLayers(page, result);
        AddVerification(page, result);
        AddFiles(page, result);
        return page.ToString();
    }

    private static void AddHead(HtmlPage page, QuickstartResult result)
    {
        var (dense, sparse) = (result.Dense, result.Sparse);
        page.Add($"<h1>{HtmlPage.Encode(result.Network)}: dense against 1x{result.BlockLength} block-sparse</h1>");
        page.Add(
            $"<p>The dense network was trained here for {result.Epochs} {(result.Epochs == 1 ? "epoch" : "epochs")}, and the sparse one "
                + $"from its weights for as many more, on {Figures.Count(result.TrainingImages)} images of Fashion-MNIST. "
                + "Both were compiled to "
                + $"managed assemblies, checked against the reference interpreter on {Figures.Count(result.TestImages)} test images and "
                + "timed in turns. "
                + $"{HtmlPage.Encode(result.Machine)}. Everything took {Figures.Duration(TimeSpan.FromSeconds(result.Seconds))}.</p>"
        );
        page.Add("<div class=\"tiles\">");
        page.AddTile(
            Figures.Percent(sparse.TestAccuracy, 2),
            $"test accuracy of the sparse network, {Figures.Points(sparse.TestAccuracy - dense.TestAccuracy)} against dense"
        );
        foreach (var threads in result.ThreadCounts)
            page.AddTile(
                $"{Figures.Fixed(result.Speedup(threads), 2)}x",
                $"as fast as dense on {threads} {(threads == 1 ? "thread" : "threads")}: "
                    + $"{Figures.Microseconds(sparse.Time(threads).Microseconds.Median)} us an image"
            );
        page.AddTile(Figures.Percent((double)sparse.KeptWeights / sparse.DenseWeights), "of the weights kept");
        page.AddTile(Figures.Percent((double)sparse.KeptMacs / sparse.DenseMacs), "of the multiply-accumulates kept");
        page.Add("</div>");
    }

    private static void AddCharts(HtmlPage page, QuickstartResult result)
    {
        page.Add("<h2>Training</h2>");
        page.Add(
            "<p>Accuracy on the test images after each epoch, and the mean training loss over each epoch. The mask of the sparse "
                + "network is chosen anew while the "
                + "sparsity rises to its target, so its curve may dip before it recovers.</p>"
        );
        page.Add("<div class=\"charts\">");
        AddChart(page, result, "Test accuracy", "0.0 %", epoch => epoch.TestAccuracy);
        AddChart(page, result, "Training loss", "0.00", epoch => epoch.TrainLoss);
        page.Add("</div>");
    }

    private static void AddChart(HtmlPage page, QuickstartResult result, string title, string unit, Func<EpochSummary, double> value)
    {
        var chart = new LineChart(
            title,
            unit,
            [
                .. new[] { result.Dense, result.Sparse }.Select(network =>
                    (network.Label, (IReadOnlyList<double>)[.. network.History.Select(value)])
                ),
            ]
        );
        page.Add($"<figure><figcaption>{HtmlPage.Encode(title)}</figcaption>{chart.ToSvg()}</figure>");
    }

    private static void AddLayers(HtmlPage page, QuickstartResult result)
    {
        page.Add("<h2>Layer by layer, one thread</h2>");
        page.Add(
            "<p>The names link to the emitted C# of the sparse network. Times are medians of interleaved rounds; every layer is timed "
                + "by itself, so their sum is a little "
                + "more than a whole run. All bars share one scale: the upper is dense, the lower sparse.</p>"
        );
        var longest = result
            .Dense.Time(LayerThreads)
            .Layers.Concat(result.Sparse.Time(LayerThreads).Layers)
            .Max(layer => layer.Microseconds.Median);
        page.AddTable(
            ["layer", "result", ">kept blocks", ">MACs", ">dense us", ">sparse us", ">ratio", "", "sparse kernel"],
            result.Sparse.Layers.Select((layer, index) => LayerCells(result, index, longest)).Append(TotalCells(result))
        );
    }

    private static IReadOnlyList<string> LayerCells(QuickstartResult result, int index, double longest)
    {
        var layer = result.Sparse.Layers[index];
        var (dense, sparse) = (
            result.Dense.LayerMicroseconds(layer.Name, LayerThreads),
            result.Sparse.LayerMicroseconds(layer.Name, LayerThreads)
        );
        var name = HtmlPage.Encode(layer.Name);
        return
        [
            result.Sparse.SourceFiles[index] is { } file ? $"<a href=\"{HtmlPage.Encode(file)}\">{name}</a>" : name,
            HtmlPage.Encode(string.Join(" x ", layer.Shape.Dimensions.Skip(1))),
            layer.Pattern is { } pattern ? $"{Figures.Count(pattern.KeptBlocks)} / {Figures.Count(pattern.Blocks)}" : "",
            layer.DenseMacs == 0 ? "" : Figures.Short(layer.KeptMacs),
            dense is { } slow ? Figures.Microseconds(slow) : "",
            sparse is { } fast ? Figures.Microseconds(fast) : "",
            dense is { } before && sparse is > 0 and { } after && layer.DenseMacs > 0 ? Figures.Fixed(before / after, 2) + "x" : "",
            $"<div class=\"bars\">{Bar(0, dense, longest)}<br>{Bar(1, sparse, longest)}</div>",
            $"<span class=\"code\">{HtmlPage.Encode(layer.Kernel).Replace("_", "_<wbr>", StringComparison.Ordinal)}</span>"
                + (layer.Reason is { } reason ? $"<br><span class=\"soft\">dense: {HtmlPage.Encode(reason)}</span>" : ""),
        ];
    }

    private static IReadOnlyList<string> TotalCells(QuickstartResult result) =>
        [
            "!whole run",
            "",
            "",
            Figures.Short(result.Sparse.KeptMacs),
            Figures.Microseconds(result.Dense.Time(LayerThreads).Microseconds.Median),
            Figures.Microseconds(result.Sparse.Time(LayerThreads).Microseconds.Median),
            Figures.Fixed(result.Speedup(LayerThreads), 2) + "x",
            "",
            "",
        ];

    private static string Bar(int series, double? microseconds, double longest)
    {
        const double LongestPixels = 110;
        return microseconds is { } time
            ? $"<span class=\"bar series-{series}\" style=\"width:{Figures.Fixed(LongestPixels * time / longest, 1)}px\"></span>"
            : "";
    }

    private static void AddVerification(HtmlPage page, QuickstartResult result)
    {
        page.Add("<h2>Verified against the reference interpreter</h2>");
        page.Add(
            "<p>Every test image, in every instruction set this processor has. The reference adds in double precision; differences are "
                + "relative to the largest output "
                + $"of their image, and {Figures.Scientific(result.Tolerance)} is allowed.</p>"
        );
        page.AddTable(
            ["network", "instruction set", ">threads", ">same class", ">largest difference", "verdict"],
            new[] { result.Dense, result.Sparse }.SelectMany(network =>
                network.Verdicts.Select(verdict =>
                    (IReadOnlyList<string>)
                        [
                            HtmlPage.Encode(network.Label),
                            HtmlPage.Encode(verdict.InstructionSet.ToString().ToLowerInvariant()),
                            Figures.Count(verdict.Threads),
                            $"{Figures.Count(verdict.SameLabels)} of {Figures.Count(verdict.Images)}",
                            Figures.Scientific(verdict.MaximumError),
                            verdict.Failures(network.Label, result.Tolerance).Any()
                                ? "<span class=\"bad\">failed</span>"
                                : "<span class=\"good\">agrees</span>",
                        ]
                )
            )
        );
    }

    private static void AddFiles(HtmlPage page, QuickstartResult result)
    {
        page.Add("<h2>What lies beside this page</h2><ul>");
        foreach (var network in new[] { result.Dense, result.Sparse })
        {
            var folder = network.Label;
            page.Add(
                $"<li><strong>{folder}/</strong> {Link(folder, "model.subp")} and {Link(folder, "model.safetensors")}, the bundle; "
                    + $"{Link(folder, "model.onnx")}, the same for "
                    + $"other engines; {Link(folder, network.ClassName + ".dll")}, the compiled model; "
                    + $"{Link(folder, network.ClassName + ".src/")}, its C#; {Link(folder, "run/")}, the training</li>"
            );
        }

        page.Add($"<li>{Link("", "report.json")}, the figures of this page</li></ul>");
        page.Add("<p>To use the sparse network in a program, reference its DLL and write:</p>");
        page.Add(
            $"<pre>using var session = SubpModels.{HtmlPage.Encode(result.Sparse.ClassName)}.Instance.CreateSession(threads: "
                + "1);\nsession.Run(input, output); // spans of float, NCHW in, one output per class</pre>"
        );
        page.Add("<footer>Timings are of this machine and this hour; compare ratios, not microseconds.</footer>");
    }

    private static string Link(string folder, string name) =>
        $"<a href=\"{HtmlPage.Encode(folder.Length == 0 ? name : $"{folder}/{name}")}\"><code>{HtmlPage.Encode(name)}</code></a>";
}

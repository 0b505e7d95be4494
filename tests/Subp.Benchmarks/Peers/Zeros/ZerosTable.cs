using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Inputs;
using Subp.Tooling.Text;
using Subp.Training.Pruning;
using PlotFont = Subp.Cli.Experiments.Report.PlotFont;

namespace Subp.Benchmarks.Peers.Zeros;

/// <summary>Time against the share of zeros: whether what is pruned is saved.</summary>
internal sealed class ZerosTable : IPeersTable
{
    private const double LargestExcess = 0.1;
    private const double BurstMilliseconds = 20;
    private const ulong InputSeed = 1;
    private const string Network = "ResNet-50, 224x224";
    private static readonly double[] Shares = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
    private static readonly (string Title, string Specification)[] Layers =
    [
        ("1x1 512->512, 14x14", "512x512k1h14w14"),
        ("3x3 128->128, 28x28", "128x128k3h28w28"),
        ("3x3 256->256, 14x14", "256x256k3h14w14"),
    ];

    public string Key => "zeros";

    public string Title => "Time against zeros";

    public IReadOnlyList<string> Rows { get; } = [Network, .. Layers.Select(layer => layer.Title)];

    public Section Measure(PeersRun run)
    {
        var rounds = run.Quick ? 3 : 15;
        var series = new List<PrunedSeries>();
        run.ForEach(Rows, row => row, row => series.Add(Measure(run, row, rounds)));
        var table = new MarkdownTable("row", ">zeros asked for", ">multiply-adds kept", ">best us", ">median us", ">of dense");
        var lines = new MarkdownTable(
            "row",
            ">R squared",
            ">largest distance from the line",
            ">stays dense us",
            ">of dense",
            ">beyond it at 100 % zeros",
            ""
        );
        foreach (var measured in series)
        {
            foreach (var point in measured.Points)
                table.Add(
                    measured.Title,
                    Figures.Percent(point.Zeros, 0),
                    Figures.Percent(point.Kept),
                    Figures.Microseconds(point.Microseconds),
                    Figures.Microseconds(point.Median),
                    Figures.Percent(point.Microseconds / measured.Whole)
                );
            lines.Add(
                measured.Title,
                Figures.Fixed(measured.Line.Determination, 4),
                Figures.Percent(measured.LargestDistance),
                Figures.Microseconds(measured.DenseMicroseconds),
                Figures.Percent(measured.DenseMicroseconds / measured.Whole),
                Figures.Percent(measured.Excess),
                Goal.AtMost(Math.Max(0, measured.Excess), LargestExcess)
            );
        }

        var picture = series.Count == Rows.Count ? Draw(run, series) : null;
        return new Section(
            Title,
            [
                "One thread, 1x16 blocks, all shares of zeros in turns in one process; the fastest of "
                    + FormattableString.Invariant(
                        $"{rounds} rounds counts, and the median is beside it. A line is fitted to the points with "
                    )
                    + "zeros (the dense network has kernels of wider groups). What is left of it where every block would be pruned, "
                    + "beyond the time of the layers that stay dense (and of those that multiply nothing), is to be at most "
                    + "10 % of the time of the dense network. What stays dense counts as kept, so that more zeros are "
                    + "asked for than there are.",
                .. picture is null ? (string[])[] : [picture],
            ],
            [lines, table],
            Rows
        );
    }

    private static PrunedSeries Measure(PeersRun run, string title, int rounds)
    {
        var contenders = new List<(double Zeros, ProfiledNetwork Network)>();
        try
        {
            foreach (var zeros in Shares)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                contenders.Add((zeros, Contender(title, zeros)));
            }

            for (var round = 0; round < rounds; round++)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                for (var turn = 0; turn < contenders.Count; turn++)
                    contenders[(round + turn) % contenders.Count].Network.Measure(BurstMilliseconds);
            }

            // The same layers stay dense at every share but none.
            var pruned = contenders.Skip(1).ToArray();
            return new PrunedSeries(
                title,
                Timing.Of([.. pruned.Select(contender => contender.Network.UnprunedMicroseconds)]).Median,
                (double)pruned[0].Network.UnprunedMacs / pruned[0].Network.DenseMacs,
                [
                    .. contenders.Select(contender => new PrunedPoint(
                        contender.Zeros,
                        (double)contender.Network.KeptMacs / contender.Network.DenseMacs,
                        contender.Network.Samples.Best,
                        contender.Network.Samples.All.Median
                    )),
                ]
            );
        }
        finally
        {
            contenders.ForEach(contender => contender.Network.Dispose());
        }
    }

    private static ProfiledNetwork Contender(string title, double zeros)
    {
        var layer = Layers.FirstOrDefault(layer => layer.Title == title).Specification;
        var model = layer is null ? Pruned(zeros) : LayerSpecification.Parse(layer).Build(zeros > 0 ? 16 : 0, zeros);
        return new ProfiledNetwork(
            model,
            new CompileOptions { InstructionSets = [NetworkFiles.BestInstructionSet], ThreadCounts = [1] },
            InputSet.OfRandom(model.Graph.Inputs[0].Shape, 1, InputSeed)[0],
            layer is null ? null : LayerSpecification.NodeName
        );
    }

    private static Model Pruned(double zeros) =>
        SeededNetwork.Build(new NetworkCase(Network, "resnet50", zeros > 0 ? new PruneOptions { Sparsity = zeros } : null, Goal: 1));

    /// <summary>Draws the picture beside the page.</summary>
    /// <returns>The text that shows it; null where there is no page or no font.</returns>
    private static string? Draw(PeersRun run, IReadOnlyList<PrunedSeries> series)
    {
        if (run.ReportFolder is not { } folder || PlotFont.Find() is not { } font)
            return null;
        var name = Path.GetFileNameWithoutExtension(Processor.Current.PageName) + ".zeros";
        var (svg, png) = ZerosPlot.Draw(series, font);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".svg"), svg);
        File.WriteAllBytes(Path.Combine(folder, name + ".png"), png);
        return $"![time against zeros]({name}.svg)";
    }
}

using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>Whole networks against ONNX Runtime, at one and two threads.</summary>
internal sealed class NetworksTable : IPeersTable
{
    private static readonly int[] Threads = [1, 2];

    public string Key => "networks";

    public string Title => "Networks";

    public IReadOnlyList<string> Rows { get; } = [.. NetworkCase.All.Select(network => network.Title)];

    public Section Measure(PeersRun run)
    {
        var (processes, rounds) = run.Quick ? (2, 2) : (5, 4);
        var table = new MarkdownTable(
            "network",
            ">threads",
            ">SUBP best ms",
            ">median",
            ">+-",
            ">ONNX Runtime best ms",
            ">median",
            ">+-",
            ">faster, best",
            ">faster, median",
            ">goal",
            "",
            ">largest difference"
        );
        var version = "ONNX Runtime";
        run.ForEach(
            NetworkCase.All,
            network => network.Title,
            network =>
            {
                using var files = new NetworkFiles(SeededNetwork.Build(network), NetworkFiles.BestInstructionSet);
                var own = new NetworkWork(files.Dll, null, Threads, files.InputShape, files.OutputShape);
                var onnxRuntime = run.Libraries.OnnxRuntimePath();
                var contenders = new List<NetworkContender> { new(own) };
                if (onnxRuntime is not null)
                    contenders.Add(new NetworkContender(own with { File = files.Onnx, OnnxRuntime = onnxRuntime }));
                var outcomes = NetworkRounds.Measure(contenders, processes, rounds, run.Cancellation);
                foreach (var outcome in outcomes)
                    Log(run, outcome);
                version = outcomes.Count > 1 ? outcomes[1].Name ?? version : version;
                Add(table, network, outcomes[0], outcomes.Count > 1 ? outcomes[1] : null);
            }
        );
        var most = Threads.Max();
        var scaling = ThreadScaling.Measure(most);
        var handover = ThreadScaling.MeasureHandoverNanoseconds();
        return new Section(
            Title,
            [
                FormattableString.Invariant(
                    $"224 x 224, against {version}, which runs the same pruned weights, zeros included. Up to {rounds} rounds in each of "
                )
                    + FormattableString.Invariant(
                        $"{processes} processes: ONNX Runtime is slow in some processes at several threads. *Best* is the fastest round "
                    )
                    + FormattableString.Invariant($"of all and compares the fastest of each side; ")
                    + "*median* is that of all rounds and compares within each round. A goal is met where both are.",
                FormattableString.Invariant(
                    $"Multiply-adds in registers alone, measured after the table: {most} threads do {Figures.Fixed(scaling, 2)} times "
                )
                    + FormattableString.Invariant(
                        $"what one does, which is the most that a second thread can gain here. A line of the cache "
                    )
                    + FormattableString.Invariant(
                        $"takes {Figures.Fixed(handover, 0)} ns from one thread to the other and back: about 50 where "
                    )
                    + "they share a cache, and where they do not, what one has computed comes to the other that much slower.",
            ],
            [table],
            Rows
        );
    }

    private static void Add(MarkdownTable table, NetworkCase network, NetworkOutcome own, NetworkOutcome? peer)
    {
        foreach (var (index, threads) in Threads.Index())
        {
            var (name, count, goal) = (network.Title, Figures.Count(threads), Times(network.Goal));
            var samples = own.Samples[index];
            if ((own.Failure ?? (peer is null ? PeerLibraries.NotInstalled : peer.Failure)) is { } failure)
            {
                table.Add([name, count, .. Times(samples), "-", "-", "-", "-", "-", goal, failure, "-"]);
                continue;
            }

            var speedup = samples.Over(peer!.Samples[index]);
            table.Add([
                name,
                count,
                .. Times(samples),
                .. Times(peer.Samples[index]),
                Times(speedup.Best),
                Times(speedup.Median),
                goal,
                Goal.AtLeast(speedup.Least, network.Goal),
                Figures.Scientific(peer.Difference[index]),
            ]);
        }
    }

    private static void Log(PeersRun run, NetworkOutcome outcome)
    {
        foreach (var (index, threads) in Threads.Index())
            run.Log.WriteLine(
                FormattableString.Invariant($"  {outcome.Name}, threads {threads}, ms of each process: ")
                    + FormattableString.Invariant($"{string.Join("  ", outcome.Samples[index].Medians.Select(Milliseconds))}")
            );
    }

    private static string[] Times(Samples samples) =>
        [Milliseconds(samples.Best), Milliseconds(samples.All.Median), Figures.Percent(samples.All.Spread)];

    private static string Milliseconds(double microseconds) => double.IsNaN(microseconds) ? "-" : Figures.Fixed(microseconds / 1000, 2);

    private static string Times(double ratio) => Figures.Fixed(ratio, 2) + "x";
}

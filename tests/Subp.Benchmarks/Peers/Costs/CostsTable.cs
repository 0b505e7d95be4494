using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Processes;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Costs;

/// <summary>Everything besides the time of a run: compiling, the size of what is shipped, the start, and memory.</summary>
internal sealed class CostsTable : IPeersTable
{
    private const double LargestShare = 0.5;
    private static readonly NetworkCase[] Networks =
    [
        .. NetworkCase.All.Where(network => network.Title.Contains("at 75 %") || network.Title.Contains("98.5/128")),
    ];

    public string Key => "costs";

    public string Title => "Cost of everything else";

    public IReadOnlyList<string> Rows { get; } = [.. Networks.Select(network => network.Title)];

    public Section Measure(PeersRun run)
    {
        var processes = run.Quick ? 2 : 7;
        var starts = new MarkdownTable(
            "network",
            "library",
            ">load ms",
            ">session ms",
            ">first run ms",
            ">start, sum ms",
            ">+-",
            ">processor ms",
            ">memory MB",
            ">of it private MB",
            "start",
            "memory"
        );
        var sizes = new MarkdownTable("network", ">compile s", ">DLL MB", ">of it weights MB", ">ONNX file MB");
        double? empty = null;
        run.ForEach(
            Networks,
            network => network.Title,
            network =>
            {
                var folder = Directory.CreateTempSubdirectory("subp-peers-").FullName;
                try
                {
                    var compiled = WorkerProcess.Ask<CompileWork, CompileAnswer>(
                        CostWorker.CompileRole,
                        new CompileWork(network.Title, folder)
                    );
                    sizes.Add(
                        network.Title,
                        Figures.Fixed(compiled.Milliseconds / 1000, 1),
                        Megabytes(compiled.DllBytes),
                        Megabytes(compiled.WeightBytes),
                        Megabytes(compiled.OnnxBytes)
                    );
                    empty = Start(starts, network.Title, compiled, folder, run, processes);
                }
                catch (WorkerFailedException failure)
                {
                    starts.AddWithout(failure.Message, network.Title);
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        );
        return new Section(
            Title,
            [
                "A start is everything from an empty .NET process to the first output, with as many threads as processors: loading the "
                    + "assembly or the library, creating the session, the first run. "
                    + FormattableString.Invariant($"Medians of {processes} fresh processes of each, in turns; ")
                    + "files were read before, so that the disk has no part in it. *Processor* is the processor time of the same on all "
                    + "threads. Memory is what the process holds after twenty more runs"
                    + FormattableString.Invariant(
                        $"{(empty is { } bytes ? $", of which an empty process has {Megabytes(bytes)} MB" : "")}; private is what is no "
                    )
                    + FormattableString.Invariant($"mapped file. The goal of both is half of what ONNX Runtime takes."),
                "*Compile* is the time from a packed network to the DLL in a process that has compiled nothing before, with the options "
                    + "that `subp compile` has by itself: three instruction sets, four thread counts.",
            ],
            [starts, sizes],
            Rows
        );
    }

    private static double Start(MarkdownTable table, string title, CompileAnswer compiled, string folder, PeersRun run, int processes)
    {
        var work = new StartWork(Path.Combine(folder, "Network.dll"), null, compiled.InputShape, compiled.OutputShape);
        var onnxRuntime = run.Libraries.OnnxRuntimePath();
        var (own, peer, empty) = (new List<StartAnswer>(), new List<StartAnswer>(), new List<StartAnswer>());
        for (var process = 0; process < processes; process++)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            own.Add(WorkerProcess.Ask<StartWork, StartAnswer>(CostWorker.StartRole, work));
            if (onnxRuntime is not null)
                peer.Add(
                    WorkerProcess.Ask<StartWork, StartAnswer>(
                        CostWorker.StartRole,
                        work with
                        {
                            File = Path.Combine(folder, "Network.onnx"),
                            OnnxRuntime = onnxRuntime,
                        }
                    )
                );
            empty.Add(WorkerProcess.Ask<StartWork, StartAnswer>(CostWorker.StartRole, work with { File = null }));
        }

        Add(table, title, "SUBP", own, peer);
        if (onnxRuntime is null)
            table.AddWithout(PeerLibraries.NotInstalled, title, "ONNX Runtime");
        else
            Add(table, title, "ONNX Runtime", peer, []);
        return Median(empty, answer => answer.ResidentBytes);
    }

    private static void Add(MarkdownTable table, string title, string library, List<StartAnswer> answers, List<StartAnswer> peer)
    {
        var total = Timing.Of([.. answers.Select(answer => answer.TotalMilliseconds)]);
        table.Add(
            title,
            library,
            Milliseconds(answer => answer.LoadMilliseconds),
            Milliseconds(answer => answer.SessionMilliseconds),
            Milliseconds(answer => answer.FirstRunMilliseconds),
            Figures.Fixed(total.Median, 0),
            Figures.Percent(total.Spread),
            Milliseconds(answer => answer.ProcessorMilliseconds),
            Megabytes(Median(answers, answer => answer.ResidentBytes)),
            Megabytes(Median(answers, answer => answer.PrivateBytes)),
            Share(answers, peer, answer => answer.TotalMilliseconds),
            Share(answers, peer, answer => answer.ResidentBytes)
        );

        string Milliseconds(Func<StartAnswer, double> figure) => Figures.Fixed(Median(answers, figure), 0);
    }

    private static string Share(List<StartAnswer> own, List<StartAnswer> peer, Func<StartAnswer, double> figure)
    {
        if (peer.Count == 0)
            return "-";
        var share = Median(own, figure) / Median(peer, figure);
        return $"{Figures.Percent(share, 0)}, {Goal.AtMost(share, LargestShare)}";
    }

    private static double Median(List<StartAnswer> answers, Func<StartAnswer, double> figure) =>
        Timing.Of([.. answers.Select(figure)]).Median;

    private static string Megabytes(double bytes) => Figures.Fixed(bytes / (1 << 20), 1);
}

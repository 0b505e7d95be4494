using System.Globalization;
using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Processes;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Cli.Terminal;
using Subp.Cli.Verification;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>Whole networks against ONNX Runtime, at one and two threads.</summary>
internal sealed class NetworksTable : IPeersTable
{
    private const double LargestDifference = 1e-4;
    private static readonly int[] Threads = [1, 2];

    // Threads of both libraries spin for a while after a run in case another follows; the next contender must not share the processors with them.
    private static readonly TimeSpan UntilThreadsSleep = TimeSpan.FromMilliseconds(100);

    public string Key => "networks";

    public string Title => "Networks";

    public Section Measure(PeersRun run)
    {
        var (processes, rounds) = run.Quick ? (2, 2) : (5, 5);
        var table = new MarkdownTable("network", ">threads", ">SUBP ms", ">+-", ">ONNX Runtime ms", ">+-", ">its slowest process", ">times faster", ">goal", "", ">largest difference");
        var version = "ONNX Runtime";
        run.ForEach(NetworkCase.All, network => network.Title, network =>
        {
            try
            {
                var result = Measure(network, run.Libraries.OnnxRuntimePath(), processes, rounds, run.Cancellation);
                version = result.Peer ?? version;
                Add(table, network, result);
            }
            catch (WorkerFailedException failure)
            {
                table.AddWithout(failure.Message, network.Title);
            }
        });
        return new Section(Title,
        [
            FormattableString.Invariant($"224 x 224, against {version}, which runs the same pruned weights, zeros included. Medians of {rounds} rounds in each of ")
                + FormattableString.Invariant($"{processes} processes; of each library the best process counts, since ONNX Runtime is slow in some of them at several threads."),
        ], [table], [.. NetworkCase.All.Select(network => network.Title)]);
    }

    private static NetworkResult Measure(NetworkCase network, string? onnxRuntime, int processes, int rounds, CancellationToken cancellation)
    {
        using var files = new NetworkFiles(SeededNetwork.Build(network), NetworkFiles.BestInstructionSet);
        var works = new List<NetworkWork> { new(files.Dll, null, Threads, files.InputShape, files.OutputShape) };
        if (onnxRuntime is not null)
            works.Add(works[0] with { File = files.Onnx, OnnxRuntime = onnxRuntime });
        var samples = works.Select(_ => Threads.Select(_ => new Samples()).ToArray()).ToArray();
        var difference = new double[Threads.Length];
        string? peer = null;
        for (var process = 0; process < processes; process++)
        {
            var workers = new List<WorkerProcess>();
            try
            {
                workers.AddRange(works.Select(work => WorkerProcess.Start(NetworkWorker.Role, work)));
                foreach (var sample in samples.SelectMany(of => of))
                    sample.StartProcess();
                if (process == 0 && workers.Count > 1)
                {
                    peer = workers[1].Ask<string>("name");
                    for (var index = 0; index < Threads.Length; index++)
                        difference[index] = Difference(workers, index);
                    if (difference.Any(value => !(value <= LargestDifference)))
                        break;
                }

                Round(workers, samples, rounds, cancellation);
            }
            finally
            {
                foreach (var worker in workers)
                    worker.Dispose();
            }
        }

        return new NetworkResult(peer, samples, difference);
    }

    private static double Difference(List<WorkerProcess> workers, int session)
    {
        var request = string.Create(CultureInfo.InvariantCulture, $"output {session}");
        return ErrorFigures.Between(workers[0].Ask<float[]>(request), workers[1].Ask<float[]>(request)).Relative;
    }

    private static void Round(List<WorkerProcess> workers, Samples[][] samples, int rounds, CancellationToken cancellation)
    {
        var turns = Threads.Index().SelectMany(threads => workers.Index().Select(worker => (Worker: worker.Index, Session: threads.Index))).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var turn = 0; turn < turns.Length; turn++)
            {
                var (worker, session) = turns[(round + turn) % turns.Length];
                samples[worker][session].Add(workers[worker].Ask<double>(string.Create(CultureInfo.InvariantCulture, $"burst {session}")));
                Thread.Sleep(Threads[session] > 1 ? UntilThreadsSleep : TimeSpan.Zero);
            }
        }
    }

    private static void Add(MarkdownTable table, NetworkCase network, NetworkResult result)
    {
        foreach (var (index, threads) in Threads.Index())
        {
            var own = result.Samples[0][index];
            var (name, count) = (network.Title, Figures.Count(threads));
            if (result.Peer is null)
            {
                table.Add(name, count, Milliseconds(own.Best), Figures.Percent(own.Spread), "-", "-", "-", "-", Times(network.Goal), PeerLibraries.NotInstalled, "-");
                continue;
            }

            if (!(result.Difference[index] <= LargestDifference))
            {
                table.Add(name, count, "-", "-", "-", "-", "-", "-", Times(network.Goal), "outputs differ", Figures.Scientific(result.Difference[index]));
                continue;
            }

            var peer = result.Samples[1][index];
            var ratio = peer.Best / own.Best;
            table.Add(name, count, Milliseconds(own.Best), Figures.Percent(own.Spread), Milliseconds(peer.Best), Figures.Percent(peer.Spread), Milliseconds(peer.Worst),
                Times(ratio), Times(network.Goal), Goal.AtLeast(ratio, network.Goal), Figures.Scientific(result.Difference[index]));
        }
    }

    private static string Milliseconds(double microseconds) => double.IsNaN(microseconds) ? "-" : Figures.Fixed(microseconds / 1000, 2);

    private static string Times(double ratio) => Figures.Fixed(ratio, 2) + "x";

    private sealed record NetworkResult(string? Peer, Samples[][] Samples, double[] Difference);
}

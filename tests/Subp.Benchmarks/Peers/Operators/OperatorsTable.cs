using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Compiler;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Operators;

/// <summary>Single operators on dense values against ONNX Runtime, at one and two threads.</summary>
internal sealed class OperatorsTable : IPeersTable
{
    /// <summary>How much longer than ONNX Runtime a general kernel may take.</summary>
    private const double Goal = 1.3;
    private static readonly int[] Threads = [1, 2];

    public string Key => "operators";

    public string Title => "General operators";

    public IReadOnlyList<string> Rows { get; } = [.. OperatorCase.All.Select(row => row.Title)];

    public Section Measure(PeersRun run)
    {
        var (processes, rounds) = run.Quick ? (1, 3) : (3, 6);
        var table = new MarkdownTable(
            "operator",
            ">threads",
            ">SUBP best us",
            ">median",
            ">ONNX Runtime best us",
            ">median",
            ">share of its time, best",
            ">median",
            ">goal",
            "",
            ">largest difference"
        );
        var version = "ONNX Runtime";
        run.ForEach(
            OperatorCase.All,
            row => row.Title,
            row =>
            {
                using var files = new NetworkFiles(PassPipeline.Pack(row.Build()), NetworkFiles.BestInstructionSet);
                var own = new NetworkWork(files.Dll, null, Threads, files.InputShape, files.OutputShape);
                var contenders = new List<NetworkContender> { new(own) };
                if (run.Libraries.OnnxRuntimePath() is { } path)
                    contenders.Add(new NetworkContender(own with { File = files.Onnx, OnnxRuntime = path }));
                var outcomes = NetworkRounds.Measure(contenders, processes, rounds, run.Cancellation);
                version = outcomes.Count > 1 ? outcomes[1].Name ?? version : version;
                Add(table, row, outcomes[0], outcomes.Count > 1 ? outcomes[1] : null);
            }
        );
        return new Section(
            Title,
            [
                $"One operator each on dense values of floats, against {version}, which runs the same network with all its optimisations; "
                    + FormattableString.Invariant($"inputs and outputs are the caller's. Up to {rounds} rounds in each of {processes} ")
                    + "processes, in turns; best and median as above. A goal is met where the best rounds of both sides or the rounds in "
                    + "turns are within it, whichever is worse.",
            ],
            [table],
            Rows
        );
    }

    private static void Add(MarkdownTable table, OperatorCase row, NetworkOutcome own, NetworkOutcome? peer)
    {
        foreach (var (index, threads) in Threads.Index())
        {
            string[] name = [row.Title, Figures.Count(threads)];
            if ((own.Failure ?? (peer is null ? PeerLibraries.NotInstalled : peer.Failure)) is { } failure)
            {
                table.Add([.. name, "-", "-", "-", "-", "-", "-", "-", failure, "-"]);
                continue;
            }

            var (samples, its) = (own.Samples[index], peer!.Samples[index]);
            var speedup = samples.Over(its);
            table.Add([
                .. name,
                Figures.Fixed(samples.Best, 1),
                Figures.Fixed(samples.All.Median, 1),
                Figures.Fixed(its.Best, 1),
                Figures.Fixed(its.All.Median, 1),
                Figures.Fixed(1 / speedup.Best, 2),
                Figures.Fixed(1 / speedup.Median, 2),
                Figures.Fixed(Goal, 1),
                Reporting.Goal.AtMost(1 / speedup.Least, Goal),
                Figures.Scientific(peer.Difference[index]),
            ]);
        }
    }
}

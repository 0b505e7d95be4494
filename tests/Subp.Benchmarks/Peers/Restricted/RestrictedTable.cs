using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Compiler;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Restricted;

/// <summary>A network with AVX-512 switched off, against ONNX Runtime under the same restriction and without it.</summary>
internal sealed class RestrictedTable : IPeersTable
{
    private const double LeastRatio = 4;
    private static readonly int[] Threads = [1, 2];
    private static readonly NetworkCase Network = NetworkCase.All[0];

    public string Key => "avx2";

    public string Title => "With AVX-512 switched off";

    public IReadOnlyList<string> Rows { get; } = [Network.Title];

    public Section Measure(PeersRun run)
    {
        var (processes, rounds) = run.Quick ? (2, 2) : (5, 4);
        var table = new MarkdownTable(
            "contender",
            ">threads",
            ">best ms",
            ">median",
            ">+-",
            ">SUBP faster, best",
            ">faster, median",
            ">goal",
            "",
            ">largest difference"
        );
        string[] names = ["SUBP, AVX2", "ONNX Runtime, AVX2", "ONNX Runtime, unrestricted"];
        run.ForEach(
            [Network],
            network => network.Title,
            network =>
            {
                using var files = new NetworkFiles(SeededNetwork.Build(network), InstructionSet.Avx2);
                var own = new NetworkWork(files.Dll, null, Threads, files.InputShape, files.OutputShape);
                var peer = run.Libraries.OnnxRuntimePath() is { } path ? own with { File = files.Onnx, OnnxRuntime = path } : null;
                var hider = run.Libraries.HideAvx512Path();
                NetworkContender?[] contenders =
                [
                    new(own, ("DOTNET_EnableAVX512", "0")),
                    peer is null || hider is null ? null : new(peer with { HideAvx512 = hider }),
                    peer is null ? null : new(peer),
                ];
                var present = contenders.OfType<NetworkContender>().ToArray();
                var outcomes = NetworkRounds.Measure(present, processes, rounds, run.Cancellation);
                foreach (var (name, contender) in names.Zip(contenders))
                    Add(table, name, contender is null ? null : outcomes[Array.IndexOf(present, contender)], outcomes[0], name == names[1]);
            }
        );
        return new Section(
            Title,
            [
                FormattableString.Invariant(
                    $"{Network.Title}, 224 x 224, compiled for AVX2 and run with `DOTNET_EnableAVX512=0`. ONNX Runtime has no switch "
                )
                    + FormattableString.Invariant($"for it: `eng/hide-avx512.c` lets the instruction CPUID trap and answers ")
                    + FormattableString.Invariant(
                        $"without AVX-512, which Linux allows on processors that can. Up to {rounds} rounds in each of {processes} "
                    )
                    + FormattableString.Invariant($"processes; best and median as above."),
            ],
            [table],
            names
        );
    }

    private static void Add(MarkdownTable table, string name, NetworkOutcome? outcome, NetworkOutcome own, bool hasGoal)
    {
        foreach (var (index, threads) in Threads.Index())
        {
            var count = Figures.Count(threads);
            if (outcome is null || (outcome.Failure ?? own.Failure) is not null)
            {
                table.Add(name, count, "-", "-", "-", "-", "-", "-", outcome?.Failure ?? own.Failure ?? PeerLibraries.NotInstalled, "-");
                continue;
            }

            var samples = outcome.Samples[index];
            string[] times = [Milliseconds(samples.Best), Milliseconds(samples.All.Median), Figures.Percent(samples.All.Spread)];
            if (ReferenceEquals(outcome, own))
            {
                table.Add([name, count, .. times, "-", "-", "-", "", "-"]);
                continue;
            }

            var speedup = own.Samples[index].Over(samples);
            table.Add([
                name,
                count,
                .. times,
                Times(speedup.Best),
                Times(speedup.Median),
                hasGoal ? Times(LeastRatio) : "-",
                hasGoal ? Goal.AtLeast(speedup.Least, LeastRatio) : "",
                Figures.Scientific(outcome.Difference[index]),
            ]);
        }
    }

    private static string Milliseconds(double microseconds) => Figures.Fixed(microseconds / 1000, 2);

    private static string Times(double ratio) => Figures.Fixed(ratio, 2) + "x";
}

using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Cli.Terminal;
using Subp.Compiler;

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
        var table = new MarkdownTable("contender", ">threads", ">ms", ">+-", ">SUBP is times faster", ">goal", "", ">largest difference");
        string[] names = ["SUBP, AVX2", "ONNX Runtime, AVX2", "ONNX Runtime, unrestricted"];
        run.ForEach([Network], network => network.Title, network =>
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
        });
        return new Section(Title,
        [
            FormattableString.Invariant($"{Network.Title}, 224 x 224, compiled for AVX2 and run with `DOTNET_EnableAVX512=0`. ONNX Runtime has no switch for it: `eng/hide-avx512.c` lets the instruction CPUID trap and answers ")
                + FormattableString.Invariant($"without AVX-512, which Linux allows on processors that can. Medians of up to {rounds} rounds in each of {processes} processes, the best process of each, as above."),
        ], [table], names);
    }

    private static void Add(MarkdownTable table, string name, NetworkOutcome? outcome, NetworkOutcome own, bool hasGoal)
    {
        foreach (var (index, threads) in Threads.Index())
        {
            if (outcome is null || (outcome.Failure ?? own.Failure) is not null)
            {
                table.Add(name, Figures.Count(threads), "-", "-", "-", "-", outcome?.Failure ?? own.Failure ?? PeerLibraries.NotInstalled, "-");
                continue;
            }

            var samples = outcome.Samples[index];
            var (time, spread) = (Figures.Fixed(samples.Best / 1000, 2), Figures.Percent(samples.Spread));
            var ratio = samples.Best / own.Samples[index].Best;
            if (ReferenceEquals(outcome, own))
                table.Add(name, Figures.Count(threads), time, spread, "-", "-", "", "-");
            else if (hasGoal)
                table.Add(name, Figures.Count(threads), time, spread, Figures.Fixed(ratio, 2) + "x", Figures.Fixed(LeastRatio, 2) + "x", Goal.AtLeast(ratio, LeastRatio),
                    Figures.Scientific(outcome.Difference[index]));
            else
                table.Add(name, Figures.Count(threads), time, spread, Figures.Fixed(ratio, 2) + "x", "-", "", Figures.Scientific(outcome.Difference[index]));
        }
    }
}

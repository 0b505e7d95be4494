using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Compiler.Planning.Costs;
using Subp.Tooling.Inspection;
using Subp.Tooling.Quantizing;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Integers;

/// <summary>Pruned networks in bytes against themselves in floats, here and in ONNX Runtime, at one and two threads.</summary>
internal sealed class IntegerTable : IPeersTable
{
    // Outputs of different roundings differ by some per cent; this only finds contenders that compute something else.
    private const double LargestDifference = 0.5;
    private static readonly int[] Threads = [1, 2];
    private static readonly string[] Contenders =
    [
        "SUBP f32",
        "SUBP int8",
        "SUBP int8 and f32",
        "SUBP int8, weights to 63",
        "ONNX Runtime f32",
        "ONNX Runtime int8",
    ];

    public string Key => "int8";

    public string Title => "Networks in bytes";

    public IReadOnlyList<string> Rows { get; } = [.. NetworkCase.InBytes.Select(network => network.Title)];

    public Section Measure(PeersRun run)
    {
        var (processes, rounds) = run.Quick ? (2, 2) : (3, 4);
        var table = new MarkdownTable(
            "network",
            "contender",
            ">threads",
            ">best ms",
            ">median",
            ">+-",
            ">faster than ONNX Runtime f32",
            ">than ONNX Runtime int8, best",
            ">median",
            ">goal",
            "",
            ">difference to f32"
        );
        var version = "ONNX Runtime";
        run.ForEach(
            NetworkCase.InBytes,
            network => network.Title,
            network =>
            {
                var outcomes = Measure(run, network, processes, rounds);
                version = outcomes[^1].Name ?? version;
                for (var index = 0; index < Contenders.Length; index++)
                    Add(table, network, index, outcomes);
            }
        );
        return new Section(
            Title,
            [
                FormattableString.Invariant(
                    $"224 x 224, against {version}. Bytes have ranges from random inputs, signed weights with a scale for each output "
                )
                    + "channel and unsigned values; ONNX Runtime gets the exported QDQ file, zeros included. *int8 and f32* leaves those "
                    + "layers float that are predicted to be faster so on this processor, as `subp quantize --fastest` does. *Weights to "
                    + "63* has the same network with weights from -63 to 63, which kernels without VNNI multiply "
                    + FormattableString.Invariant(
                        $"faster. Up to {rounds} rounds in each of {processes} processes; best and median as above, "
                    )
                    + "the ratio to f32 the smaller of both. The difference is the largest of the outputs, relative to the largest output "
                    + "of SUBP f32; weights are random, and so it says nothing about accuracy.",
                "A goal is met or not where the middle half of the ratios within rounds says so; else it is not decided.",
                "The goals are for a processor with AVX-VNNI, the only one of the instructions for bytes that .NET 10 reaches.",
            ],
            [table],
            Rows
        );
    }

    private static IReadOnlyList<NetworkOutcome> Measure(PeersRun run, NetworkCase network, int processes, int rounds)
    {
        var packed = SeededNetwork.Build(network);
        var bytes = RandomRanges.Quantize(packed, run.Cancellation);
        using var floatFiles = new NetworkFiles(packed, NetworkFiles.BestInstructionSet);
        using var byteFiles = new NetworkFiles(bytes, NetworkFiles.BestInstructionSet);
        var mixed = RandomRanges.QuantizeFastest(packed, NativeMachine.Current ?? MachineDescription.Standard, run.Cancellation);
        using var mixedFiles = new NetworkFiles(mixed, NetworkFiles.BestInstructionSet);
        using var narrowFiles = new NetworkFiles(IntegerNetwork.WithNarrowWeights(bytes), NetworkFiles.BestInstructionSet);
        var own = new NetworkWork(floatFiles.Dll, null, Threads, floatFiles.InputShape, floatFiles.OutputShape);
        var works = new List<NetworkWork> { own };
        works.AddRange(new[] { byteFiles, mixedFiles, narrowFiles }.Select(files => own with { File = files.Dll }));
        if (run.Libraries.OnnxRuntimePath() is { } path)
        {
            works.Add(own with { File = floatFiles.Onnx, OnnxRuntime = path });
            works.Add(own with { File = byteFiles.Onnx, OnnxRuntime = path });
        }

        return NetworkRounds.Measure(
            [.. works.Select(work => new NetworkContender(work) { LargestDifference = LargestDifference })],
            processes,
            rounds,
            run.Cancellation
        );
    }

    private static void Add(MarkdownTable table, NetworkCase network, int contender, IReadOnlyList<NetworkOutcome> outcomes)
    {
        var outcome = contender < outcomes.Count ? outcomes[contender] : null;
        foreach (var (index, threads) in Threads.Index())
        {
            string[] name = [network.Title, Contenders[contender], Figures.Count(threads)];
            if (outcome is null || outcome.Failure is not null)
            {
                var difference = outcome is null ? "-" : Figures.Scientific(outcome.Difference[index]);
                table.Add([.. name, "-", "-", "-", "-", "-", "-", "-", outcome?.Failure ?? PeerLibraries.NotInstalled, difference]);
                continue;
            }

            var samples = outcome.Samples[index];
            var (floats, bytes) = (Over(outcomes, 4, samples, index), Over(outcomes, 5, samples, index));
            var hasGoal = contender is 1 or 2 or 3;
            table.Add([
                .. name,
                Milliseconds(samples.Best),
                Milliseconds(samples.All.Median),
                Figures.Percent(samples.All.Spread),
                floats is null ? "-" : Times(floats.Value.Least),
                bytes is null ? "-" : Times(bytes.Value.Best),
                bytes is null ? "-" : Times(bytes.Value.Median),
                hasGoal ? Times(network.Goal) : "-",
                hasGoal && bytes is not null ? Goal.Within(bytes.Value, network.Goal) : "",
                contender == 0 ? "-" : Figures.Scientific(outcome.Difference[index]),
            ]);
        }
    }

    // How often faster than another contender; null where that has no times.
    private static Speedup? Over(IReadOnlyList<NetworkOutcome> outcomes, int other, Samples own, int threads) =>
        other < outcomes.Count && outcomes[other].Failure is null ? own.Over(outcomes[other].Samples[threads]) : null;

    private static string Milliseconds(double microseconds) => Figures.Fixed(microseconds / 1000, 2);

    private static string Times(double ratio) => Figures.Fixed(ratio, 2) + "x";
}

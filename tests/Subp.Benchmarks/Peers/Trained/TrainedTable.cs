using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Compiler;
using Subp.Onnx;
using Subp.Tooling.Models;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Trained;

/// <summary>
/// Networks that others trained, with all their weights, against ONNX Runtime: what compiling alone is worth, before anything is pruned.
/// <c>eng/get-real-networks</c> fetches them into the folder that SUBP_REAL_NETWORKS names.
/// </summary>
internal sealed class TrainedTable : IPeersTable
{
    private const string Variable = "SUBP_REAL_NETWORKS";

    /// <summary>How much faster than ONNX Runtime they are to be.</summary>
    private const double Goal = 1;

    private static readonly int[] Threads = [1, 2];

    // Of noise the detector's last sigmoid makes a map of nearly 0, which has no digits to compare: what it reads is compared.
    private static readonly (string Title, string File, (string Name, int Extent)[] Dimensions, string[] Outputs)[] s_networks =
    [
        ("ResNet-18 of ML.NET, 224x224", "ResNet18.onnx", [], []),
        ("PP-OCR v4 detector, 640x640", "ch_PP-OCRv4_det_infer.onnx", [("x:2", 640), ("x:3", 640)], ["p2o.Add.281"]),
        ("PP-OCR v4 recogniser, 48x320", "ch_PP-OCRv4_rec_infer.onnx", [("x:3", 320)], []),
        ("openWakeWord embedding, 76x32", "embedding_model.onnx", [], []),
    ];

    /// <inheritdoc/>
    public string Key => "trained";

    /// <inheritdoc/>
    public string Title => "Trained networks as they are";

    /// <inheritdoc/>
    public IReadOnlyList<string> Rows { get; } = [.. s_networks.Select(network => network.Title)];

    /// <inheritdoc/>
    public Section Measure(PeersRun run)
    {
        var (processes, rounds) = run.Quick ? (1, 3) : (3, 6);
        var table = new MarkdownTable(
            "network",
            ">threads",
            ">SUBP best ms",
            ">median",
            ">ONNX Runtime best ms",
            ">median",
            ">times faster, best",
            ">median",
            ">goal",
            "",
            ">largest difference"
        );
        run.ForEach(
            s_networks,
            network => network.Title,
            network =>
            {
                if (Path(network.File) is not { } path)
                {
                    foreach (var threads in Threads)
                        table.Add([network.Title, Figures.Count(threads), .. Enumerable.Repeat("-", 7), "the file is not there", "-"]);
                    return;
                }

                var options = new ImportOptions
                {
                    Dimensions = network.Dimensions.ToDictionary(pair => pair.Name, pair => pair.Extent),
                    Outputs = network.Outputs,
                };
                using var files = new NetworkFiles(
                    PassPipeline.Pack(NetworkFile.Read(path, onnx: options)),
                    NetworkFiles.BestInstructionSet
                );
                var own = new NetworkWork(files.Dll, null, Threads, files.InputShape, files.OutputShape);
                var contenders = new List<NetworkContender> { new(own) };
                if (run.Libraries.OnnxRuntimePath() is { } library)
                    contenders.Add(new NetworkContender(own with { File = files.Onnx, OnnxRuntime = library }));
                var outcomes = NetworkRounds.Measure(contenders, processes, rounds, run.Cancellation);
                Add(table, network.Title, outcomes[0], outcomes.Count > 1 ? outcomes[1] : null);
            }
        );
        return new Section(
            Title,
            [
                "Not pruned: networks of public packages, which `eng/get-real-networks` fetches, with all their weights, against "
                    + "ONNX Runtime, which runs what was imported, with all its optimisations. "
                    + FormattableString.Invariant(
                        $"Up to {rounds} rounds in each of {processes} processes, in turns; best and median as above."
                    ),
            ],
            [table],
            Rows
        );
    }

    private static string? Path(string file) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder && File.Exists(System.IO.Path.Combine(folder, file))
            ? System.IO.Path.Combine(folder, file)
            : null;

    private static void Add(MarkdownTable table, string title, NetworkOutcome own, NetworkOutcome? peer)
    {
        foreach (var (index, threads) in Threads.Index())
        {
            string[] name = [title, Figures.Count(threads)];
            if ((own.Failure ?? (peer is null ? PeerLibraries.NotInstalled : peer.Failure)) is { } failure)
            {
                table.Add([.. name, .. Enumerable.Repeat("-", 7), failure, "-"]);
                continue;
            }

            var (samples, its) = (own.Samples[index], peer!.Samples[index]);
            var speedup = samples.Over(its);
            table.Add([
                .. name,
                Figures.Fixed(samples.Best / 1000, 2),
                Figures.Fixed(samples.All.Median / 1000, 2),
                Figures.Fixed(its.Best / 1000, 2),
                Figures.Fixed(its.All.Median / 1000, 2),
                Figures.Fixed(speedup.Best, 2) + "x",
                Figures.Fixed(speedup.Median, 2) + "x",
                Figures.Fixed(Goal, 2) + "x",
                Reporting.Goal.AtLeast(speedup.Least, Goal),
                Figures.Scientific(peer.Difference[index]),
            ]);
        }
    }
}

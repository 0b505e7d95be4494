using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Processes;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Layers;

/// <summary>Single layers against every library that has them, on one thread.</summary>
internal sealed class LayersTable : IPeersTable
{
    // oneDNN takes its threads from OpenMP, which looks here when it is loaded.
    private static readonly (string Name, string Value)[] OneThread = [("OMP_NUM_THREADS", "1")];

    public string Key => "layers";

    public string Title => "Layers";

    public IReadOnlyList<string> Rows { get; } = [.. LayerCase.All.Select(layer => layer.Title)];

    public Section Measure(PeersRun run)
    {
        var rounds = run.Quick ? 5 : 25;
        var goals = new MarkdownTable(
            "layer",
            ">peak",
            ">SUBP us",
            ">of peak",
            ">cold us",
            ">memory us",
            ">goal us",
            "",
            ">best dense peer us",
            "which",
            ">faster",
            ">best sparse peer us",
            "which",
            ">faster"
        );
        var all = new MarkdownTable("layer", "contender", ">us", ">median", ">+-", ">cold us", ">median", ">+-", ">difference", "remark");
        run.ForEach(
            LayerCase.All,
            layer => layer.Title,
            layer =>
            {
                try
                {
                    var (answer, failure) = Ask(new LayerWork(layer.Title, rounds, run.Libraries));
                    AddGoal(goals, layer, answer);
                    foreach (var contender in answer.Contenders)
                        Add(all, layer, contender);
                    if (failure is not null)
                        all.AddWithout(failure, layer.Title, "sparse peers");
                }
                catch (WorkerFailedException failure)
                {
                    goals.AddWithout(failure.Message, layer.Title);
                }
            }
        );
        return new Section(
            Title,
            [
                "One thread, bias and ReLU included where the remark says nothing else; sparse layers have 75 % of their "
                    + FormattableString.Invariant($"1x{LayerCase.BlockLength} blocks pruned. Of {rounds} rounds the fastest tenth counts, ")
                    + "since others on the machine only ever make one slower; medians are beside it. "
                    + FormattableString.Invariant($"*Cold*: before each run {CacheSweep.Bytes >> 20} MB of other memory are read, ")
                    + "then the input, so that weights come from the last-level cache as they do in a network; "
                    + "without that word the weights are where the run before left them. Both are measured in the same rounds, for "
                    + "everyone.",
                "*Memory* is what one thread needs to read as many bytes as input and output have from behind the caches of its core, "
                    + "measured in the same rounds; for layers "
                    + "that do not fit those caches it is about the least any kernel takes, whatever the goal says.",
                "*Peak* is the FMA peak of this core in GFLOP/s, measured in the same rounds, and *of peak* counts the multiply-adds of "
                    + "direct summation, of which "
                    + FormattableString.Invariant(
                        $"Winograd kernels do fewer. Goals were stated for a core of {Goal.StatedPeak} GFLOP/s and are scaled to this "
                    )
                    + FormattableString.Invariant($"one; the goal of the 512-channel 3x3 is for cold weights, ")
                    + "those of depthwise layers are the best peer. *Faster* compares warm times.",
            ],
            [goals, all],
            Rows
        );
    }

    // A library that ends the process, or never comes back, must not take the figures of the others along.
    private static (LayerAnswer Answer, string? Failure) Ask(LayerWork work)
    {
        try
        {
            return (WorkerProcess.Ask<LayerWork, LayerAnswer>(LayerWorker.Role, work, OneThread), null);
        }
        catch (WorkerFailedException failure)
        {
            return (
                WorkerProcess.Ask<LayerWork, LayerAnswer>(LayerWorker.Role, work with { WithSparsePeers = false }, OneThread),
                failure.Message
            );
        }
    }

    private static void AddGoal(MarkdownTable table, LayerCase layer, LayerAnswer answer)
    {
        var dense = Fastest(answer, ContenderKind.DensePeer);
        var sparse = Fastest(answer, ContenderKind.SparsePeer);
        if (Fastest(answer, ContenderKind.Own) is not { Warm: { } warm, Cold: { } cold })
        {
            table.AddWithout("no times of SUBP", layer.Title);
            return;
        }

        var goal = layer.Goal is { } stated ? Goal.Scaled(stated, answer.PeakGigaflops) : dense?.Warm?.Low;
        table.Add(
            layer.Title,
            Figures.Fixed(answer.PeakGigaflops, 0),
            Figures.Microseconds(warm.Low),
            Figures.Percent(2e-3 * answer.KeptMacs / warm.Low / answer.PeakGigaflops, 0),
            Figures.Microseconds(cold.Low),
            Memory(answer),
            goal is { } target ? Figures.Microseconds(target) : "-",
            goal is { } limit ? Goal.AtMost(layer.IsCold ? cold.Low : warm.Low, limit) : "-",
            Time(dense?.Warm),
            dense?.Name ?? "-",
            Faster(warm, dense),
            Time(sparse?.Warm),
            sparse?.Name ?? "-",
            Faster(warm, sparse)
        );
    }

    private static void Add(MarkdownTable table, LayerCase layer, ContenderAnswer contender) =>
        table.Add(
            layer.Title,
            contender.Name,
            Time(contender.Warm),
            Median(contender.Warm),
            Spread(contender.Warm),
            Time(contender.Cold),
            Median(contender.Cold),
            Spread(contender.Cold),
            contender.Difference >= 0 ? Figures.Scientific(contender.Difference) : "-",
            contender.Remark
        );

    private static ContenderAnswer? Fastest(LayerAnswer answer, ContenderKind kind) =>
        answer
            .Contenders.Where(contender => contender.Kind == kind && contender.Warm is not null)
            .MinBy(contender => contender.Warm!.Value.Low);

    private static string Time(Timing? timing) => timing is { } known ? Figures.Microseconds(known.Low) : "-";

    private static string Median(Timing? timing) => timing is { } known ? Figures.Microseconds(known.Median) : "-";

    private static string Spread(Timing? timing) => timing is { } known ? Figures.Percent(known.Spread) : "-";

    // What fits the caches of the core may well be read from there.
    private static string Memory(LayerAnswer answer) =>
        answer.ActivationBytes > Processor.Current.CoreCacheBytes
            ? Figures.Microseconds(answer.ActivationBytes / answer.BytesPerMicrosecond)
            : "-";

    private static string Faster(Timing own, ContenderAnswer? peer) =>
        peer?.Warm is { } warm ? Figures.Fixed(warm.Low / own.Low, 2) + "x" : "-";
}

using Subp.Benchmarks.Peers.Layers;
using Subp.Benchmarks.Peers.Processes;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Forms;

/// <summary>
/// The forms of unrolling side by side, from a layer whose straight-line code fits the cache of decoded instructions to one whose code fits
/// none.
/// </summary>
internal sealed class FormsTable : IPeersTable
{
    /// <summary>The share of pruned blocks.</summary>
    public const double Sparsity = 0.75;

    /// <summary>The layers with their shapes.</summary>
    public static readonly IReadOnlyList<(string Title, string Specification)> Layers =
    [
        ("small: 3x3 32->32, 28x28", "32x32k3h28w28"),
        ("small: 1x1 64->64, 56x56", "64x64k1h56w56"),
        ("medium: 3x3 64->64, 56x56", "64x64k3h56w56"),
        ("medium: 1x1 512->512, 14x14", "512x512k1h14w14"),
        ("large: 3x3 256->256, 14x14", "256x256k3h14w14"),
    ];

    public string Key => "forms";

    public string Title => "Forms of unrolling";

    public IReadOnlyList<string> Rows { get; } = [.. Layers.Select(layer => layer.Title)];

    public Section Measure(PeersRun run)
    {
        var rounds = run.Quick ? 5 : 25;
        var table = new MarkdownTable(
            "layer",
            "--unroll",
            ">us",
            ">median",
            ">+-",
            ">of peak",
            ">cold us",
            ">assembly without weights",
            "kernel"
        );
        run.ForEach(
            Layers,
            layer => layer.Title,
            layer =>
            {
                try
                {
                    var answer = WorkerProcess.Ask<FormsWork, FormsAnswer>(FormsWorker.Role, new FormsWork(layer.Title, rounds));
                    foreach (var (form, bytes) in answer.Layer.Contenders.Zip(answer.CodeBytes))
                        Add(table, layer.Title, answer.Layer, form, bytes);
                }
                catch (WorkerFailedException failure)
                {
                    table.AddWithout(failure.Message, layer.Title);
                }
            }
        );
        return new Section(
            Title,
            [
                FormattableString.Invariant(
                    $"`full` puts the pattern into the instruction stream, `taps` the taps of a kernel, `never` neither; `auto` lets "
                )
                    + FormattableString.Invariant(
                        $"the planner choose. One thread, {Figures.Percent(Sparsity, 0)} of the 1x{LayerCase.BlockLength} blocks pruned, "
                    )
                    + FormattableString.Invariant(
                        $"the fastest tenth of {rounds} rounds; cold and share of peak as above. A form that would exceed the limits of "
                    )
                    + FormattableString.Invariant($"the just-in-time compiler is replaced, as the name of the kernel tells. ")
                    + "The size is that of the whole emitted assembly for one instruction set and the portable one.",
            ],
            [table],
            Rows
        );
    }

    private static void Add(MarkdownTable table, string title, LayerAnswer answer, ContenderAnswer form, int bytes)
    {
        if (form is { Warm: { } warm, Cold: { } cold })
            table.Add(
                title,
                form.Name,
                Figures.Microseconds(warm.Low),
                Figures.Microseconds(warm.Median),
                Figures.Percent(warm.Spread),
                Figures.Percent(2e-3 * answer.KeptMacs / warm.Low / answer.PeakGigaflops, 0),
                Figures.Microseconds(cold.Low),
                Figures.Bytes(bytes),
                form.Remark
            );
        else
            table.AddWithout(form.Remark, title, form.Name);
    }
}

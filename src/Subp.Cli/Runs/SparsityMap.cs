using Subp.Cli.Report;
using Subp.Tooling.Text;
using Subp.Training.Runs;

namespace Subp.Cli.Runs;

/// <summary>
/// The sparsity of every layer over the epochs as a table that is shaded: of methods that prune all layers alike, lines would lie upon
/// each other.
/// </summary>
internal static class SparsityMap
{
    private const int MostColumns = 16;

    /// <summary>Adds the table; nothing where no layer is masked.</summary>
    public static void Add(HtmlPage page, IReadOnlyList<EpochSummary> history)
    {
        if (history.Count == 0 || history[^1].Layers.Count == 0)
            return;
        var epochs = Columns(history.Count);
        page.Add("<h2>Pruned blocks of every layer</h2>");
        page.Add(
            "<p>After each epoch"
                + (epochs.Count < history.Count ? ", of which some are shown" : "")
                + "; the last column is the number of blocks that are left.</p>"
        );
        page.AddTable(
            ["layer", .. epochs.Select(epoch => FormattableString.Invariant($">{epoch + 1}")), ">kept blocks"],
            history[^1].Layers.Select((layer, index) => Row(layer, [.. epochs.Select(epoch => history[epoch].Layers[index])]))
        );
    }

    private static IReadOnlyList<string> Row(LayerSparsity last, IReadOnlyList<LayerSparsity> layers) =>
        [
            HtmlPage.Encode(last.Layer),
            .. layers.Select(layer =>
                $"<div class=\"heat\" style=\"background:color-mix(in srgb, var(--series-1) {Figures.Fixed(60 * layer.Sparsity, 0)}%, "
                + $"transparent)\">{Figures.Percent(layer.Sparsity, 0)}</div>"
            ),
            $"{Figures.Count(last.KeptBlocks)} / {Figures.Count((long)last.Groups * last.InputChannels)}",
        ];

    // First and last, and the others as evenly between as whole epochs allow.
    private static IReadOnlyList<int> Columns(int epochs) =>
        epochs <= MostColumns
            ? [.. Enumerable.Range(0, epochs)]
            : [.. Enumerable.Range(0, MostColumns).Select(column => column * (epochs - 1) / (MostColumns - 1))];
}

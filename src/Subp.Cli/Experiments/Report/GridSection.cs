using System.Text;
using System.Text.Json.Nodes;
using Subp.Tooling.Text;

namespace Subp.Cli.Experiments.Report;

/// <summary>The part of a page with the tables of one grid: one for each trained row that was compressed.</summary>
/// <param name="page">The page.</param>
/// <param name="grid">The grid.</param>
/// <param name="rows">All rows of the experiment with their results.</param>
internal sealed class GridSection(StringBuilder page, ExperimentGrid grid, IReadOnlyList<RowSummary> rows)
{
    /// <summary>Writes head, tables and text; a trained row of which nothing was compressed yet is named.</summary>
    public void Write()
    {
        page.Append("## ").Append(grid.Title.Length > 0 ? grid.Title : grid.Name).Append("\n\n");
        var missing = new List<string>();
        foreach (var of in grid.Of)
        {
            RowSummary[] cells = [.. rows.Where(row => row.Row.Cell is { } cell && cell.Grid == grid && cell.Of.Name == of)];
            if (Array.TrueForAll(cells, cell => cell.Results.Count == 0))
                missing.Add(of);
            else
                Table(rows.First(row => row.Row.Name == of), cells);
        }

        if (missing.Count > 0)
            page.Append("Not measured yet: ").AppendJoin(", ", missing).Append(".\n\n");
        foreach (var paragraph in grid.Text)
            page.Append(paragraph).Append("\n\n");
    }

    private void Table(RowSummary of, IReadOnlyList<RowSummary> cells)
    {
        var seeds = cells.Max(cell => cell.Results.Count);
        var hasMemory = cells.Any(cell => cell.HasMemory);
        page.Append("Compressed from ")
            .Append(of.Row.Title)
            .Append(", ")
            .Append(of.Model)
            .Append(of.Results.Count > 0 ? $", {Figures.Percent(of.Accuracy, 2)}" : "")
            .Append(FormattableString.Invariant($"; {seeds} of {of.Seeds} seeds:\n\n"));
        MarkdownTable.Write(
            page,
            [
                "",
                ">MACs",
                ">weights",
                ">DLL",
                .. hasMemory ? [">memory"] : Array.Empty<string>(),
                ">as fast",
                .. grid.Columns.Select(column => ">" + ExperimentGrid.LabelOf(column)),
            ],
            grid.Rows.Select(row => (IReadOnlyList<string>)[.. Line(row, cells, hasMemory)])
        );
    }

    private IEnumerable<string> Line(JsonObject row, IReadOnlyList<RowSummary> all, bool hasMemory)
    {
        RowSummary?[] cells =
        [
            .. grid.Columns.Select(column =>
                all.FirstOrDefault(cell => cell.Row.Cell!.Row == row && cell.Row.Cell.Column == column && cell.Results.Count > 0)
            ),
        ];
        yield return ExperimentGrid.LabelOf(row);
        if (cells.FirstOrDefault(cell => cell is not null) is not { } first)
        {
            for (var column = 0; column < (hasMemory ? 5 : 4) + cells.Length; column++)
                yield return "";
            yield break;
        }

        // All cells of a row lose the same, so that one of them says what is left.
        yield return Figures.Percent(first.Results.Average(result => (double)result.KeptMacs / result.DenseMacs));
        yield return Figures.Bytes((long)first.Results.Average(result => (double)(result.WeightBytes ?? 0)));
        yield return Figures.Bytes((long)first.Results.Average(result => result.AssemblyBytes));
        if (hasMemory)
            yield return cells.FirstOrDefault(cell => cell?.HasMemory == true)?.Memory ?? "";
        yield return Figures.Fixed(first.Speedup, 2) + "x";
        var best = cells.Max(cell => cell?.Accuracy);
        foreach (var cell in cells)
        {
            var text = cell is null ? "" : Figures.Percent(cell.Accuracy, 2);
            yield return cell?.Accuracy == best ? $"**{text}**" : text;
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Subp.Tooling.Text;
using Subp.Training.Recipes;

namespace Subp.Cli.Experiments.Report;

/// <summary>The page of an experiment: goals, one table for each network, pictures, and every run.</summary>
/// <param name="table">The experiment.</param>
/// <param name="rows">Its rows with their results.</param>
/// <param name="command">The command that writes the page.</param>
/// <param name="pictures">For each network, the path of its picture as seen from the page.</param>
internal sealed class ResultPage(
    ExperimentTable table,
    IReadOnlyList<RowSummary> rows,
    string command,
    IReadOnlyDictionary<string, string> pictures
)
{
    private readonly StringBuilder _page = new();

    /// <summary>The text of the page.</summary>
    public string Write()
    {
        Paragraph($"# {table.Title}");
        Paragraph($"This page is written by `{command}` from the results of single runs, and by nothing else.");
        foreach (var paragraph in table.Text)
            Paragraph(paragraph);
        Goals();
        foreach (var network in rows.Select(row => row.Model).Distinct())
            Network(network);
        foreach (var grid in table.Grids)
            new GridSection(_page, grid, rows).Write();
        Runs();
        Recipes();
        return _page.ToString().TrimEnd('\n') + "\n";
    }

    private void Paragraph(string text) => _page.Append(text).Append("\n\n");

    private void Goals()
    {
        if (table.Goals.Count == 0)
            return;
        Paragraph("## Goals");
        MarkdownTable.Write(_page, ["goal", ">measured", ""], table.Goals.Select(goal => Goal(goal)));
    }

    private IReadOnlyList<string> Goal(ExperimentGoal goal)
    {
        var row = rows.First(row => row.Row.Name == goal.Row);
        var against = goal.Against is null ? null : rows.First(row => row.Row.Name == goal.Against);
        var difference =
            row.Results.Count == 0 ? null
            : against is null ? row.Accuracy
            : row.Above(against);
        if (difference is not { } value)
            return [goal.Text, "", "not measured yet"];
        var measured = against is null ? Figures.Percent(value, 2) : Points(value);
        var isDone = row.IsComplete && against?.IsComplete != false;
        return [goal.Text, measured, (value >= goal.AtLeast ? "met" : "missed") + (isDone ? "" : ", not all seeds are in")];
    }

    private void Network(string network)
    {
        Paragraph($"## {network}");
        var own = rows.Where(row => row.Model == network && row.Row.Cell is null).ToArray();
        var hasMemory = own.Any(row => row.HasMemory);
        MarkdownTable.Write(
            _page,
            [
                "",
                ">seeds",
                ">accuracy",
                ">against dense",
                ">MACs",
                ">weights",
                ">DLL",
                .. hasMemory ? [">memory"] : Array.Empty<string>(),
                ">us an image",
                ">dense us",
                ">as fast",
                "timed on",
            ],
            own.Select(row => (IReadOnlyList<string>)[.. Cells(row, hasMemory)])
        );
        Paragraph(
            "Accuracy is the mean over the seeds of the share of test images that the compiled code puts into their class after the last "
                + "epoch, +- half the distance between the best and the worst seed; differences are of the "
                + "seeds that both rows have. Times are of one thread, the mean of the runs that were timed where the first one was; the "
                + "dense network was timed in the same rounds. *As fast* is the median of the ratios within the rounds, the mean over all "
                + "seeds: it is what to compare between rows that were timed on different processors."
        );
        foreach (var row in own.Where(row => row.Row.Note is not null))
            _page.Append("- ").Append(row.Row.Title).Append(": ").Append(row.Row.Note).Append('\n');
        if (own.Any(row => row.Row.Note is not null))
            _page.Append('\n');
        if (pictures.TryGetValue(network, out var picture))
            Paragraph($"![Accuracy against time, {network}]({picture})");
    }

    private IEnumerable<string> Cells(RowSummary row, bool hasMemory)
    {
        yield return row.Row.Title;
        yield return row.IsComplete ? $"{row.Seeds}" : $"{row.Results.Count} of {row.Seeds}";
        if (row.Results.Count == 0)
        {
            for (var column = 2; column < (hasMemory ? 12 : 11); column++)
                yield return "";
            yield break;
        }

        var baseline = RowSummary.Baseline(rows, row.Model);
        var result = row.Results[0];
        yield return Figures.Percent(row.Accuracy, 2) + (row.Results.Count > 1 ? $" +- {Figures.Fixed(row.Spread * 100, 2)}" : "");
        yield return baseline is null || baseline == row || row.Above(baseline) is not { } above ? "" : Points(above);
        yield return Figures.Short(Mean(row, each => each.KeptMacs));
        yield return Figures.Short(Mean(row, each => each.KeptWeights));
        yield return Figures.Bytes((long)Mean(row, each => each.AssemblyBytes));
        if (hasMemory)
            yield return row.Memory;
        var together = row.Results.Where(each => each.Machine == result.Machine).ToArray();
        yield return Figures.Microseconds(together.Average(each => each.Microseconds));
        yield return Figures.Microseconds(together.Average(each => each.DenseMicroseconds));
        yield return result.Recipe.Method == TrainingMethod.Dense ? "" : $"{Figures.Fixed(row.Speedup, 2)}x";
        yield return result.Machine.Split(',')[0];
    }

    private static double Mean(RowSummary row, Func<RunResult, double> value) => row.Results.Average(value);

    private void Runs()
    {
        Paragraph("## Every run");
        var trained = rows.Where(row => row.Row.Cell is null).ToArray();
        if (trained.Length < rows.Count)
            Paragraph("Compressed networks are lines of runs.csv, in the folder of the results.");
        MarkdownTable.Write(
            _page,
            ["run", ">seed", ">accuracy", ">epochs", ">minutes", ">us an image", ">dense us", "machine", "engine"],
            from row in trained
            from result in row.Results
            select (IReadOnlyList<string>)
                [
                    row.Row.Name,
                    FormattableString.Invariant($"{result.Recipe.Seed}"),
                    Figures.Percent(result.TestAccuracy, 2),
                    FormattableString.Invariant($"{result.Recipe.Epochs}"),
                    Figures.Fixed(result.TrainingSeconds / 60, 1),
                    Figures.Microseconds(result.Microseconds),
                    Figures.Microseconds(result.DenseMicroseconds),
                    result.Machine,
                    result.Engine,
                ]
        );
    }

    private void Recipes()
    {
        Paragraph("## Recipes");
        Paragraph("What a recipe does not name has its default ([recipes.md](recipes.md)). All rows share:");
        _page.Append("```json\n").Append(Json(table.Recipe)).Append("\n```\n\n");
        MarkdownTable.Write(
            _page,
            ["row", "its own values"],
            rows.Where(row => row.Row.Cell is null)
                .Select(row => (IReadOnlyList<string>)[row.Row.Name, row.Row.Recipe.Count == 0 ? "" : $"`{Json(row.Row.Recipe)}`"])
        );
    }

    private static string Json(JsonObject values) => values.ToJsonString(new() { WriteIndented = false });

    private static string Points(double difference) => Figures.Points(difference);
}

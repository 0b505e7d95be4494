using System.Text.Json;
using System.Text.Json.Nodes;
using Subp.Cli.Quickstart;
using Subp.Cli.Report;

namespace Subp.Cli.Runs;

/// <summary>The page that shows runs side by side.</summary>
internal static class ComparisonPage
{
    /// <summary>The page.</summary>
    public static string Write(RunComparison comparison)
    {
        var runs = comparison.Runs;
        var page = new HtmlPage(FormattableString.Invariant($"{runs.Count} runs side by side"));
        page.Add(FormattableString.Invariant($"<h1>{runs.Count} runs side by side</h1>"));
        page.Add(
            "<p>Accuracies are those of the training engine after the last epoch, on the same test images for all runs. "
                + (
                    comparison.Timings.Count > 0
                        ? "The networks were compiled and timed here, in the same rounds: "
                            + $"{HtmlPage.Encode(Machine.Describe())}, one thread."
                        : "Nothing was timed."
                )
                + "</p>"
        );
        page.AddTable(
            ["", .. ComparisonTable.Heads(comparison)],
            ComparisonTable.Rows(comparison).Select((row, index) => (IReadOnlyList<string>)[Key(index), .. row.Select(HtmlPage.Encode)])
        );
        page.Add("<h2>Training</h2>");
        TrainingCurves.Add(page, [.. runs.Select((run, index) => (Number(index), run.Record.History))]);
        AddByRun(page, comparison, "Where the recipes differ", ComparisonTable.Differences(comparison));
        AddByRun(page, comparison, "Where the runs were computed", Environments(comparison));
        page.Add("<footer>Timings are of this machine and this hour; compare ratios, not microseconds.</footer>");
        return page.ToString();
    }

    private static string Number(int index) => FormattableString.Invariant($"{index + 1}");

    private static string Key(int index) =>
        FormattableString.Invariant($"<span class=\"key series-{index % HtmlPage.Colours}\">{index + 1}</span>");

    private static void AddByRun(HtmlPage page, RunComparison comparison, string title, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (rows.Count == 0)
            return;
        page.Add($"<h2>{HtmlPage.Encode(title)}</h2>");
        page.AddTable(
            ["", .. comparison.Runs.Select((run, index) => $"{Number(index)} {run.Name}")],
            rows.Select(row => (IReadOnlyList<string>)[.. row.Select(HtmlPage.Encode)])
        );
    }

    // Runs of older versions have no such file, and one that is damaged is not worth a failure: it decides nothing.
    private static IReadOnlyList<IReadOnlyList<string>> Environments(RunComparison comparison)
    {
        var environments = comparison.Runs.Select(run => Parse(run.Record.Environment)).ToArray();
        return
        [
            .. new[] { "processor", "processors", "system", "runtime", "engine", "threads" }
                .Where(name => environments.Any(environment => environment?[name] is not null))
                .Select(name =>
                    (IReadOnlyList<string>)[name, .. environments.Select(environment => environment?[name]?.ToString() ?? "not known")]
                ),
        ];
    }

    private static JsonObject? Parse(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

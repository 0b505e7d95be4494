using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Tooling.Files;

namespace Subp.Cli.Experiments.Report;

/// <summary>Writes what an experiment is read from: the page, a table of all runs, and a picture for each network.</summary>
internal static class ExperimentReport
{
    /// <summary>Writes all files; what is there is replaced.</summary>
    /// <param name="table">The experiment.</param>
    /// <param name="path">Its file.</param>
    /// <param name="results">The folder of the results, into which tables and pictures go.</param>
    /// <param name="page">The page.</param>
    /// <param name="command">The command that writes it, for the page.</param>
    /// <param name="font">The font of the pictures; null where there is none, and no pictures.</param>
    /// <param name="context">Where to report.</param>
    /// <returns>The rows that were written.</returns>
    public static IReadOnlyList<RowSummary> Write(
        ExperimentTable table,
        string path,
        string results,
        string page,
        string command,
        string? font,
        CommandContext context
    )
    {
        var rows = RowSummary.Read(table, path, results);
        using var outputs = new OutputSet(force: true);
        var pictures = new Dictionary<string, string>(StringComparer.Ordinal);
        // A network that is there to be compressed is a single point.
        var networks = rows.Where(row => row.Results.Count > 0 && row.Row.Cell is null)
            .GroupBy(row => row.Model)
            .Where(network => table.Grids.Count == 0 || network.Count() > 1);
        foreach (var network in networks)
        {
            if (font is null)
            {
                context.Report(
                    new Diagnostic(
                        DiagnosticDescriptors.NoFont,
                        "/usr/share/fonts",
                        "none of the usual sans-serif fonts",
                        "a font to label axes with",
                        "Install one, for example the package fonts-dejavu-core."
                    )
                );
                break;
            }

            var stem = Path.Combine(results, $"accuracy-{network.Key}");
            var (svg, png) = AccuracyPlot.Draw(network.Key, [.. network], font);
            outputs.WriteFile(stem + ".svg", svg);
            outputs.WriteFile(stem + ".png", png);
            var folder = Path.GetDirectoryName(Path.GetFullPath(page))!;
            pictures[network.Key] = Path.GetRelativePath(folder, Path.GetFullPath(stem + ".svg")).Replace('\\', '/');
        }

        outputs.WriteFile(Path.Combine(results, "runs.csv"), ResultCsv.Write(rows));
        outputs.WriteFile(page, new ResultPage(table, rows, command, pictures).Write());
        outputs.Commit();
        return rows;
    }
}

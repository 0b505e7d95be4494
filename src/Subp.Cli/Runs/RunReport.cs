using Subp.Cli.Report;
using Subp.Tooling.Files;
using Subp.Tooling.Text;
using Subp.Training.Recipes;

namespace Subp.Cli.Runs;

/// <summary>The page that every finished run leaves in its folder.</summary>
internal static class RunReport
{
    /// <summary>Its name.</summary>
    public const string FileName = "report.html";

    /// <summary>Writes the page into a run folder; one that is there is replaced.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="run">The run.</param>
    public static void Write(string folder, RunFigures run)
    {
        using var outputs = new OutputSet(force: true);
        outputs.WriteFile(Path.Combine(folder, FileName), Print(Path.GetFileName(Path.GetFullPath(folder)), run));
        outputs.Commit();
    }

    private static string Print(string name, RunFigures run)
    {
        var (recipe, result) = (run.Recipe, run.Result);
        var network = result.Model.Graph.Name;
        var page = new HtmlPage($"{name}: {network}, {MethodNames.Of(recipe.Method)}");
        page.Add($"<h1>{HtmlPage.Encode(name)}: {HtmlPage.Encode(network)}, method {MethodNames.Of(recipe.Method)}</h1>");
        page.Add(
            $"<p>{result.History.Count} {(result.History.Count == 1 ? "epoch" : "epochs")}, engine {HtmlPage.Encode(result.Engine)}, "
                + $"{Figures.Duration(TimeSpan.FromSeconds(result.History.Sum(epoch => epoch.Seconds)))} of training and testing.</p>"
        );
        page.Add("<div class=\"tiles\">");
        page.AddTile(Figures.Percent(run.Measured?.Accuracy ?? result.TestAccuracy, 2), "test accuracy");
        page.AddTile(Share(run.Cost.KeptWeights, run.DenseCost.DenseWeights), "of the weights of the dense network");
        page.AddTile(Share(run.Cost.KeptMacs, run.DenseCost.DenseMacs), "of its multiply-accumulates");
        if (run.Measured is { } measured)
            page.AddTile($"{Figures.Fixed(measured.Speedup, 2)}x", "as fast as dense, compiled");
        page.Add("</div>");
        page.Add("<h2>Training</h2>");
        TrainingCurves.Add(page, [(MethodNames.Of(recipe.Method), result.History)]);
        AddCompiled(page, run);
        SparsityMap.Add(page, result.History);
        page.Add("<h2>Recipe</h2>");
        page.Add($"<pre>{HtmlPage.Encode(RecipeFile.Print(recipe).TrimEnd())}</pre>");
        page.Add(
            "<footer>Timings are of this machine and this hour; compare ratios, not microseconds. env.json says which machine.</footer>"
        );
        return page.ToString();
    }

    private static void AddCompiled(HtmlPage page, RunFigures run)
    {
        page.Add("<h2>Compiled</h2>");
        if (run.Measured is not { } measured)
        {
            page.Add("<p>The networks of this run were not compiled and timed.</p>");
            return;
        }

        page.Add($"<p>Both networks compiled to managed assemblies and timed in turns. {BeforeAndAfter.Explanation(run, measured)}</p>");
        page.AddTable(
            BeforeAndAfter.Heads,
            BeforeAndAfter.Rows(run, measured).Select(row => (IReadOnlyList<string>)[.. row.Select(HtmlPage.Encode)])
        );
    }

    private static string Share(long own, long dense) => Figures.Percent((double)own / Math.Max(1, dense));
}

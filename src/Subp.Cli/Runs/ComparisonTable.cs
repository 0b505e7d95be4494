using System.Text.Json.Nodes;
using Subp.Tooling.Text;
using Subp.Training.Recipes;

namespace Subp.Cli.Runs;

/// <summary>The figures of runs side by side, a row for each, and the values in which their recipes differ.</summary>
internal static class ComparisonTable
{
    /// <summary>The heads; one that starts with <c>&gt;</c> is a column of numbers.</summary>
    public static IReadOnlyList<string> Heads(RunComparison comparison) =>
        [
            "run",
            "network",
            "method",
            ">pruned",
            ">epochs",
            ">test accuracy",
            ">against the first",
            ">MACs",
            ">weights",
            .. comparison.Timings.Count > 0 ? [">DLL", ">us per image", ">as fast as the first"] : Array.Empty<string>(),
        ];

    /// <summary>The rows, in the order of the runs.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(RunComparison comparison)
    {
        var first = comparison.Runs[0];
        return
        [
            .. comparison.Runs.Select(
                (run, index) =>
                    (IReadOnlyList<string>)
                        [
                            run.Name,
                            run.Model.Graph.Name,
                            MethodNames.Of(run.Record.Recipe.Method),
                            run.Record.History[^1].Layers.Count == 0 ? "" : Figures.Percent(run.Record.History[^1].Sparsity),
                            FormattableString.Invariant($"{run.Record.History.Count}"),
                            Figures.Percent(run.TestAccuracy, 2),
                            index == 0 ? "" : Figures.Points(run.TestAccuracy - first.TestAccuracy),
                            Figures.Short(run.Cost.KeptMacs),
                            Figures.Count(run.Cost.KeptWeights),
                            .. comparison.Timings.Count > 0 ? Times(comparison.Timings[index]) : [],
                        ]
            ),
        ];
    }

    /// <summary>The values of the recipes that are not the same in all runs: the name, then the value of each run.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Differences(RunComparison comparison)
    {
        var recipes = comparison.Runs.Select(run => (JsonObject)JsonNode.Parse(RecipeFile.Print(run.Record.Recipe.Relevant))!).ToArray();
        return
        [
            .. recipes[0]
                .Select(value => value.Key)
                .Where(name => recipes.Skip(1).Any(recipe => !JsonNode.DeepEquals(recipe[name], recipes[0][name])))
                .Select(name => (IReadOnlyList<string>)[name, .. recipes.Select(recipe => recipe[name]?.ToJsonString().Trim('"') ?? "")]),
        ];
    }

    private static IReadOnlyList<string> Times(RunTiming timing) =>
        [Figures.Bytes(timing.AssemblyBytes), Figures.Microseconds(timing.Microseconds), Figures.Fixed(timing.Speedup, 2) + "x"];
}

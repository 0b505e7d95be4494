using System.Text.Json.Nodes;
using Subp.Core.Diagnostics;
using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>Requires that a run goes on with what it was begun with, before anything in its folder is written.</summary>
internal static class RunContinuation
{
    /// <summary>Requires the recipe and the images of the run.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="recipe">The recipe that the run is to go on with.</param>
    /// <param name="data">The images that it is to go on with.</param>
    /// <exception cref="SubpException">SUBP0507: another recipe. SUBP0592: other images. SUBP0505 or SUBP0590: a file of the folder cannot
    /// be read.</exception>
    public static void RequireSame(string folder, TrainingRecipe recipe, RunData data)
    {
        string path = Path.Combine(folder, "recipe.json");
        RequireRecipe(path, RecipeFile.Read(path), recipe);
        if (RunRecord.ReadData(folder)?.DifferenceTo(data) is var (own, given))
        {
            throw new SubpException(
                DiagnosticDescriptors.RunsOfOtherData,
                Path.Combine(folder, "data.json"),
                own,
                $"{given}, as the images that were given",
                "Resume with the --data-dir, --limit-train-images and --limit-test-images of the run, or start a new run. In a folder of "
                    + "images no file may have been added, removed, renamed or put into another class."
            );
        }
    }

    private static void RequireRecipe(string path, TrainingRecipe own, TrainingRecipe given)
    {
        var (before, now) = (Changes(own), Changes(given));
        if (JsonNode.DeepEquals(before, now))
            return;

        // A value that is not among the changes has its default.
        var defaults = (JsonObject)JsonNode.Parse(RecipeFile.Print(new TrainingRecipe()))!;
        string[] different =
        [
            .. before
                .Concat(now)
                .Select(value => value.Key)
                .Distinct()
                .Where(name => !JsonNode.DeepEquals(before[name] ?? defaults[name], now[name] ?? defaults[name]))
                .Order(StringComparer.Ordinal),
        ];
        string Values(JsonObject recipe) =>
            string.Join(", ", different.Select(name => $"{name} {(recipe[name] ?? defaults[name])?.ToJsonString()}"));
        throw new SubpException(
            DiagnosticDescriptors.CheckpointInvalid,
            path,
            Values(before),
            Values(now),
            "Resume without the options that change these values, or start a new run."
        );
    }

    private static JsonObject Changes(TrainingRecipe recipe) => (JsonObject)JsonNode.Parse(RecipeFile.PrintChanges(recipe))!;
}

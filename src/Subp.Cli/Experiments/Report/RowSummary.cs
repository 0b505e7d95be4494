using Subp.Tooling.Text;
using Subp.Training.Recipes;

namespace Subp.Cli.Experiments.Report;

/// <summary>A row of the table with the results that are in.</summary>
/// <param name="Row">The row.</param>
/// <param name="Model">Its network.</param>
/// <param name="Recipe">Its recipe, with its first seed.</param>
/// <param name="Seeds">How many seeds it is to have.</param>
/// <param name="Results">The results, in the order of the seeds.</param>
internal sealed record RowSummary(ExperimentRow Row, string Model, TrainingRecipe Recipe, int Seeds, IReadOnlyList<RunResult> Results)
{
    /// <summary>Whether every seed has its result.</summary>
    public bool IsComplete => Results.Count == Seeds;

    /// <summary>The mean accuracy.</summary>
    public double Accuracy => Results.Average(result => result.TestAccuracy);

    /// <summary>Half the distance between the best and the worst seed.</summary>
    public double Spread => (Results.Max(result => result.TestAccuracy) - Results.Min(result => result.TestAccuracy)) / 2;

    /// <summary>
    /// How far the mean accuracy is above that of another row, over the seeds that both have: a seed decides initial weights and the order
    /// of the images for both, and a row of one seed is not compared with the mean of three.
    /// </summary>
    /// <returns>The difference as a share, or null where no seed has a result in both.</returns>
    public double? Above(RowSummary other)
    {
        var differences =
            from result in Results
            join same in other.Results on result.Recipe.Seed equals same.Recipe.Seed
            select result.TestAccuracy - same.TestAccuracy;
        return differences.Any() ? differences.Average() : null;
    }

    /// <summary>The mean over the seeds of how often faster than the dense parent.</summary>
    public double Speedup => Results.Average(result => result.Speedup);

    /// <summary>True where a run says what it holds in memory.</summary>
    public bool HasMemory => Results.Any(result => result.MemoryBytes is not null);

    /// <summary>The mean of what runs hold in memory; empty where none of them says so.</summary>
    public string Memory => HasMemory ? Figures.Bytes((long)Results.Average(result => result.MemoryBytes)!.Value) : "";

    /// <summary>All rows of an experiment with what is in the folder of its results.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0583: a result is not of this table, or of other images than
    /// another.</exception>
    public static IReadOnlyList<RowSummary> Read(ExperimentTable table, string path, string folder)
    {
        ResultImages.RequireSame(ExperimentPlan.Order(table).Select(run => ExperimentRunner.ResultPath(folder, run.Row, run.Seed)));
        return
        [
            .. table.Rows.Select(row =>
            {
                var seeds = row.Seeds ?? table.Seeds;
                var results =
                    from seed in seeds
                    let file = ExperimentRunner.ResultPath(folder, row, seed)
                    where File.Exists(file)
                    select RunResult.Read(file, table, row, ExperimentFile.RecipeOf(table, row, seed, path));
                return new RowSummary(
                    row,
                    row.Model ?? table.Model,
                    ExperimentFile.RecipeOf(table, row, seeds[0], path),
                    seeds.Count,
                    [.. results]
                );
            }),
        ];
    }

    /// <summary>The dense row of the same network, with which the others are compared; null where none has results.</summary>
    public static RowSummary? Baseline(IEnumerable<RowSummary> rows, string model) =>
        rows.FirstOrDefault(row =>
            row.Model == model && row.Row.Cell is null && row.Recipe.Method == TrainingMethod.Dense && row.Results.Count > 0
        );
}

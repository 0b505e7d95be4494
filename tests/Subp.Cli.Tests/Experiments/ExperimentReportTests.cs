using Subp.Cli.Experiments;
using Subp.Cli.Experiments.Report;
using Subp.Cli.Terminal;
using Subp.Testing;
using Subp.Training.Recipes;

namespace Subp.Cli.Tests.Experiments;

public sealed class ExperimentReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_font_the_page_is_complete_without_pictures_and_SUBP0584_says_so_once()
    {
        var path = _folder["table.json"];
        File.WriteAllText(path, """{ "title": "Small", "rows": [{ "name": "a" }, { "name": "b", "model": "cifar-resnet20" }] }""");
        var table = ExperimentFile.Read(path);
        foreach (var row in table.Rows)
            File.WriteAllText(_folder[$"{row.Name}-s1.json"], Result(row.Name, row.Model ?? table.Model).Print());

        using var error = new StringWriter { NewLine = "\n" };
        var context = new CommandContext(
            new TerminalStreams(TextWriter.Null, error, ErrorIsLive: false),
            Verbosity.Normal,
            json: false,
            CancellationToken.None
        );
        var rows = ExperimentReport.Write(table, path, _folder.Path, _folder["results.md"], "subp", font: null, context);
        Assert.Equal(2, rows.Count);
        Assert.Single(error.ToString().Split("warning SUBP0584: Pictures are left out").Skip(1));
        var page = File.ReadAllText(_folder["results.md"]);
        Assert.Contains("| a | ", page, StringComparison.Ordinal);
        Assert.Contains("91.25 %", page, StringComparison.Ordinal);
        Assert.DoesNotContain("![", page, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.svg"));
        Assert.True(File.Exists(_folder["runs.csv"]));
    }

    [Fact]
    public void A_row_of_one_seed_is_compared_with_that_seed_of_the_other_row()
    {
        var path = _folder["table.json"];
        File.WriteAllText(
            path,
            """
            {
              "title": "Small",
              "seeds": [1, 2],
              "rows": [
                { "name": "dense", "recipe": { "method": "dense" } },
                { "name": "sparse", "seeds": [2] },
                { "name": "other", "seeds": [3] }
              ],
              "goals": [
                { "text": "comparable", "row": "sparse", "against": "dense", "atLeast": 0 },
                { "text": "another seed", "row": "other", "against": "dense", "atLeast": 0 }
              ]
            }
            """
        );
        var table = ExperimentFile.Read(path);
        foreach (
            var (row, seed, accuracy) in (ReadOnlySpan<(string, ulong, double)>)
                [("dense", 1, 0.9), ("dense", 2, 0.8), ("sparse", 2, 0.85), ("other", 3, 0.5)]
        )
        {
            var result = Result(row, table.Model) with { TestAccuracy = accuracy };
            result = result with { Recipe = ExperimentFile.RecipeOf(table, table.Rows.Single(each => each.Name == row), seed, path) };
            File.WriteAllText(_folder[$"{row}-s{seed}.json"], result.Print());
        }

        using var error = new StringWriter();
        var streams = new TerminalStreams(TextWriter.Null, error, ErrorIsLive: false);
        var context = new CommandContext(streams, Verbosity.Normal, json: false, CancellationToken.None);
        ExperimentReport.Write(table, path, _folder.Path, _folder["results.md"], "subp", font: null, context);
        var page = File.ReadAllText(_folder["results.md"]);
        Assert.Contains("| comparable | +5.00 points | met |", page, StringComparison.Ordinal);
        Assert.Contains("| another seed |  | not measured yet |", page, StringComparison.Ordinal);
        Assert.Contains("| sparse | 1 | 85.00 % | +5.00 points |", page, StringComparison.Ordinal);
        Assert.DoesNotContain("memory", page, StringComparison.Ordinal);

        // A column comes with the first result that says what a run holds; older files do not.
        var sparse = Result("sparse", table.Model) with
        {
            MemoryBytes = 3 * 1024 * 1024,
            Recipe = ExperimentFile.RecipeOf(table, table.Rows.Single(each => each.Name == "sparse"), 2, path),
        };
        File.WriteAllText(_folder["sparse-s2.json"], sparse.Print());
        ExperimentReport.Write(table, path, _folder.Path, _folder["results.md"], "subp", font: null, context);
        page = File.ReadAllText(_folder["results.md"]);
        Assert.Contains("| DLL | memory |", page, StringComparison.Ordinal);
        Assert.Contains("| 3.00 MB |", page, StringComparison.Ordinal);
    }

    private static RunResult Result(string row, string model) =>
        new()
        {
            SchemaVersion = RunResult.CurrentSchema,
            Row = row,
            Model = model,
            Recipe = new TrainingRecipe { Seed = 1 },
            TrainingImages = 128,
            TestImages = 80,
            TestAccuracy = 0.9125,
            AccuracyByEpoch = [0.5, 0.9125],
            KeptMacs = 25,
            DenseMacs = 100,
            KeptWeights = 10,
            DenseWeights = 40,
            AssemblyBytes = 1000,
            DenseAssemblyBytes = 4000,
            Microseconds = 10,
            DenseMicroseconds = 25,
            Speedup = 2.5,
            InstructionSet = "avx2",
            TrainingSeconds = 1,
            Engine = "embedded",
            Machine = "any",
            ToolVersion = "0",
        };
}

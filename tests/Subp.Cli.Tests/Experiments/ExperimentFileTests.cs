using Subp.Cli.Experiments;
using Subp.Core.Diagnostics;
using Subp.Testing;
using Subp.Training.Recipes;

namespace Subp.Cli.Tests.Experiments;

public sealed class ExperimentFileTests
{
    [Theory]
    [InlineData("""{ "rows": [] }""", "SUBP0580", "no rows")]
    [InlineData("""{ "rowz": [] }""", "SUBP0580", "Did you mean 'rows'?")]
    [InlineData("""{ "rows": [{ "nme": "a" }] }""", "SUBP0580", "Did you mean 'name'?")]
    [InlineData("""{ "rows": [{ "name": "a" }, { "name": "a" }] }""", "SUBP0580", "a second row 'a'")]
    [InlineData("""{ "rows": [{ "name": "../a" }] }""", "SUBP0580", "the name '../a'")]
    [InlineData("""{ "rows": [{ "name": "a", "seeds": [1, 1] }] }""", "SUBP0580", "the same seed twice")]
    [InlineData("""{ "rows": [{ "name": "a", "seeds": null }] }""", "SUBP0580", "null for 'seeds'")]
    [InlineData("""{ "rows": [{ "name": "a", "model": "fashion-resnet9" }] }""", "SUBP0580", "Did you mean 'fashion-resnet8'?")]
    [InlineData("""{ "rows": [{ "name": "a" }], "goals": [{ "row": "b" }] }""", "SUBP0580", "the row 'b'")]
    [InlineData("""{ "rows": [{ "name": "a", "init": "b" }, { "name": "b" }] }""", "SUBP0580", "the row 'b'")]
    [InlineData("""{ "rows": [{ "name": "dense" }, { "name": "b", "teacher": "dens" }] }""", "SUBP0580", "Did you mean 'dense'?")]
    [InlineData("""{ "rows": [{ "name": "a" }, { "name": "b", "init": "a", "seeds": [2] }] }""", "SUBP0580", "the seed 2")]
    [InlineData("""{ "rows": [{ "name": "a" }, { "name": "b", "init": "a", "model": "cifar-resnet20" }] }""", "SUBP0580", "of another")]
    [InlineData("""{ "rows": [{ "name": "a" }], "grids": [{ "nam": "g" }] }""", "SUBP0580", "Did you mean 'name'?")]
    [InlineData("""{ "rows": [{ "name": "a" }], "grids": [{ "name": "g", "of": ["b"] }] }""", "SUBP0580", "the row 'b'")]
    [InlineData("""{ "rows": [{ "name": "a", "cell": 1 }] }""", "SUBP0580", "'cell'")]
    [InlineData("""{ "rows": [{ "name": "a" }], "goals": [1] }""", "SUBP0580", "a value of kind Number")]
    [InlineData("""{ "rows": [{ "name": "a" }], "trainingImages": "all" }""", "SUBP0580", "'trainingImages'")]
    [InlineData("""{ "rows": [{ "name": "a" }""", "SUBP0580", "text that is not JSON")]
    [InlineData("""{ "title": "x", "title": "y", "rows": [{ "name": "a" }] }""", "SUBP0580", "'title' twice")]
    [InlineData("""{ "rows": [{ "name": "a", "name": "b" }] }""", "SUBP0580", "'name' twice")]
    [InlineData("""{ "rows": [{ "name": "a", "recipe": { "epochs": 3, "epochs": 4 } }] }""", "SUBP0580", "'epochs' twice")]
    [InlineData("""{ "rows": [{ "name": "a", "recipe": { "include": [null] } }] }""", "SUBP0580", "rows[0].recipe.include")]
    [InlineData("""{ "rows": [{ "name": "a" }], "grids": [{ "name": "g", "of": [null] }] }""", "SUBP0580", "grids[0].of")]
    [InlineData("""{ "rows": [null] }""", "SUBP0580", "null")]
    [InlineData("[]", "SUBP0580", "a value of kind Array")]
    [InlineData("""{ "rows": [{ "name": "a", "recipe": { "sparsety": 0.5 } }] }""", "SUBP0505", "Did you mean 'sparsity'?")]
    [InlineData("""{ "rows": [{ "name": "a", "recipe": { "sparsity": 2 } }] }""", "SUBP0505", "sparsity")]
    [InlineData("""{ "rows": [{ "name": "a", "preset": "resnet18-60/129", "model": "resnet18" }] }""", "SUBP0574", "Did you mean")]
    public void A_file_that_is_not_valid_is_refused_before_the_first_run(string text, string id, string found)
    {
        var failure = Assert.Throws<SubpException>(() => ExperimentFile.Parse(text, "table.json"));
        Assert.Equal(id, failure.Diagnostic.Descriptor.Id);
        Assert.Contains(found, failure.Diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"chanels\": 0.5", "Did you mean 'channels'?")]
    [InlineData("\"channels\": 1", "a share outside 0 to below 1")]
    [InlineData("\"channels\": 0", "a network that loses nothing")]
    [InlineData("\"channels\": 0.5, \"restore\": \"noise\"", "'noise' for channels")]
    [InlineData("\"sparsity\": 0.5, \"restore\": \"merge\"", "'merge' for blocks")]
    [InlineData("\"sparsity\": 0.5, \"restore\": \"noise\", \"calibration\": 10", "noise beside calibration")]
    [InlineData("\"channels\": 0.5, \"criterion\": \"l3\"", "the criterion 'l3'")]
    [InlineData("\"channels\": 0.5, \"multiple\": 0", "a negative number, or 0")]
    [InlineData("\"bits\": [1]", "1 numbers of bits")]
    [InlineData("\"bits\": [4], \"int8\": true", "int8 beside another change")]
    [InlineData("\"bits\": [4], \"tune\": 1", "tune beside bits or int8")]
    [InlineData("\"sparsity\": 0.5, \"distill\": 20", "distill without calibration")]
    [InlineData(
        "\"channels\": 0.5, \"bits\": [4], \"restore\": \"udfc\", \"compensate\": \"udfc\", \"calibration\": 20, \"distill\": 20",
        "distill beside udfc"
    )]
    [InlineData("\"int8\": true, \"calibration\": 20, \"distill\": 20", "distill beside int8")]
    [InlineData("\"sparsity\": 0.5, \"calibration\": 20, \"distill\": -1", "a negative number, or 0")]
    [InlineData("\"bits\": [4], \"compensate\": \"dfmpc\"", "the compensation 'dfmpc'")]
    public void A_cell_that_cannot_be_computed_is_refused_before_the_first_run(string values, string found)
    {
        var failure = Assert.Throws<SubpException>(() =>
            ExperimentFile.Parse(
                $$"""
                {
                    "rows": [{ "name": "a" }],
                    "grids": [{ "name": "g", "of": ["a"], "rows": [{ "name": "r", {{values}} }], "columns": [{ "name": "c" }] }]
                }
                """,
                "table.json"
            )
        );
        Assert.Equal("SUBP0580", failure.Diagnostic.Descriptor.Id);
        Assert.Contains("table.json: g-r-c-a", failure.Diagnostic.Location, StringComparison.Ordinal);
        Assert.Contains(found, failure.Diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_cell_of_a_grid_is_a_row_with_the_seeds_of_what_it_compresses()
    {
        var table = ExperimentFile.Parse(
            """
            {
                "rows": [{ "name": "a", "seeds": [4, 5] }, { "name": "b", "model": "cifar-resnet20" }],
                "grids": [
                    {
                        "name": "g", "of": ["a", "b"], "values": { "channels": 0.5, "restore": "bn" },
                        "rows": [{ "name": "few", "channels": 0.1 }, { "name": "many", "label": "half" }],
                        "columns": [{ "name": "bn" }, { "name": "merge", "restore": "merge" }]
                    }
                ]
            }
            """,
            "table.json"
        );
        Assert.Equal(
            ["a", "b", "g-few-bn-a", "g-few-merge-a", "g-many-bn-a", "g-many-merge-a", "g-few-bn-b", "g-few-merge-b", "g-many-bn-b"],
            table.Rows.Take(9).Select(row => row.Name)
        );
        var cell = table.Rows.First(row => row.Name == "g-many-merge-a");
        Assert.Equal((0.5, "merge"), (cell.Cell!.Change.Channels, cell.Cell.Change.Restore));
        Assert.Equal(0.1, table.Rows.First(row => row.Name == "g-few-bn-b").Cell!.Change.Channels);
        Assert.Equal([4UL, 5UL], cell.Seeds!);
        Assert.Equal("half, merge", cell.Title);
        Assert.Equal("cifar-resnet20", table.Rows[^1].Model);
    }

    [Fact]
    public void A_recipe_is_the_preset_then_the_values_of_the_table_then_those_of_the_row()
    {
        var table = ExperimentFile.Parse(
            """
            {
                "model": "resnet18", "recipe": { "epochs": 200, "momentum": 0.5 },
                "rows": [{ "name": "a", "preset": "resnet18-60/128", "recipe": { "momentum": 0.25 }, "seeds": [9] }]
            }
            """,
            "table.json"
        );
        var expected = RecipePreset.Find("resnet18-60/128", "resnet18") with { Epochs = 200, Momentum = 0.25, Seed = 9 };
        Assert.Equal(RecipeFile.Print(expected), RecipeFile.Print(ExperimentFile.RecipeOf(table, table.Rows[0], 9, "table.json")));
    }

    [Fact]
    public void The_first_seed_of_every_row_comes_before_the_second_of_any()
    {
        var table = ExperimentFile.Parse(
            """{ "seeds": [5, 6], "rows": [{ "name": "a" }, { "name": "b", "seeds": [7] }, { "name": "c" }] }""",
            "table.json"
        );
        var runs = ExperimentPlan.Order(table);
        Assert.Equal(["a-s5", "b-s7", "c-s5", "a-s6", "c-s6"], runs.Select(run => ExperimentPlan.NameOf(run.Row, run.Seed)));
        Assert.Equal(
            runs,
            Enumerable.Range(0, 3).SelectMany(index => ExperimentPlan.Shard(runs, index, 3)).OrderBy(run => runs.ToList().IndexOf(run))
        );
    }

    [Theory]
    [InlineData("4/4")]
    [InlineData("-1/4")]
    [InlineData("1")]
    [InlineData("a/b")]
    public void A_shard_that_cannot_be_is_refused(string shard)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["table.json"], """{ "rows": [{ "name": "a" }] }""");
        CommandLine.Run("experiment", folder["table.json"], "--shard", shard).Answers(1, "SUBP0801");
    }

    [Fact]
    public void More_images_than_there_are_cannot_be_asked_for()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["table.json"], """{ "trainingImages": 60000, "rows": [{ "name": "a" }] }""");
        var answer = CommandLine.Run("experiment", folder["table.json"]).Answers(2, "SUBP0580");
        Assert.Contains("10000 images", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["table", "table.json"], folder.Names);
    }

    [Fact]
    public void The_tables_in_docs_are_valid_and_their_results_belong_to_them()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "docs", "results");
        foreach (var path in Directory.EnumerateFiles(folder, "*.json"))
        {
            var table = ExperimentFile.Read(path);
            Assert.Equal(
                table.Rows.Count,
                Subp.Cli.Experiments.Report.RowSummary.Read(table, path, Path.ChangeExtension(path, null)).Count
            );
        }
    }
}

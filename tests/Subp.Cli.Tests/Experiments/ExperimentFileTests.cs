using Subp.Cli.Experiments;
using Subp.Core.Diagnostics;
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
    [InlineData("""{ "rows": [{ "name": "a" }], "goals": [1] }""", "SUBP0580", "a value of kind Number")]
    [InlineData("""{ "rows": [{ "name": "a" }], "trainingImages": "all" }""", "SUBP0580", "'trainingImages'")]
    [InlineData("""{ "rows": [{ "name": "a" }""", "SUBP0580", "text that is not JSON")]
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

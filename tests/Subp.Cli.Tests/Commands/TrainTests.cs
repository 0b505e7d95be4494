using System.Text.Json;

namespace Subp.Cli.Tests.Commands;

public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("speed", "slow")]
    public void A_fast_run_leaves_a_run_folder_with_a_bundle_that_compiles()
    {
        var answer = CommandLine.Run("train", "--fast-dev-run", "-b", "32", "-o", _folder["run"], "--json").Succeeds();
        Assert.Equal(2, answer.Json().GetProperty("epochs").GetInt32());
        foreach (
            var name in new[] { "recipe.json", "summary.csv", "sparsity.csv", "train.log", "last.ckpt", "model.subp", "model.safetensors" }
        )
            Assert.True(File.Exists(Path.Combine(_folder["run"], name)), name);
        var json = CommandLine.Run("inspect", _folder["run"], "--json").Succeeds().Json();
        Assert.True(json.GetProperty("keptWeights").GetInt64() < json.GetProperty("denseWeights").GetInt64() / 2);
        Assert.All(
            json.GetProperty("layers").EnumerateArray(),
            layer => Assert.NotEqual("batch_norm", layer.GetProperty("operator").GetString())
        );

        var eval = CommandLine.Run("eval", _folder["run"], "--images", "20", "--json").Succeeds().Json();
        Assert.Equal(20, eval.GetProperty("images").GetInt32());
    }

    [Fact]
    public void Options_win_over_the_recipe_file_and_a_shorter_training_shortens_its_schedule()
    {
        File.WriteAllText(_folder["recipe.json"], """{ "epochs": 20, "scheduleEnd": 10, "sparsity": 0.5, "seed": 7 }""");
        var recipe = JsonDocument
            .Parse(
                CommandLine
                    .Run("train", "--config", _folder["recipe.json"], "--epochs", "4", "--sparsity", "0.75", "--dry-run")
                    .Succeeds()
                    .Out
            )
            .RootElement;
        Assert.Equal(4, recipe.GetProperty("epochs").GetInt32());
        Assert.Equal(2, recipe.GetProperty("scheduleEnd").GetInt32());
        Assert.Equal(0.75, recipe.GetProperty("sparsity").GetDouble());
        Assert.Equal(7, recipe.GetProperty("seed").GetInt32());
        Assert.Equal(["recipe.json"], _folder.Names);
    }

    [Fact]
    public void A_value_out_of_range_names_itself() =>
        Assert.Contains(
            "recipe 'sparsity'",
            CommandLine.Run("train", "--sparsity", "1.5", "--dry-run").Answers(2, "SUBP0505").Error,
            StringComparison.Ordinal
        );
}

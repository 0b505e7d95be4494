using System.Text.Json;
using Subp.Cli.Training;
using Subp.Core.Diagnostics;
using Subp.Testing;
using Subp.Training.Engines.Plugins;

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
    [Trait("speed", "slow")]
    public void A_run_for_bytes_leaves_a_network_of_bytes_whose_accuracy_is_that_of_the_training()
    {
        string[] train =
        [
            "train",
            "--limit-train-images",
            "1000",
            "--limit-test-images",
            "200",
            "-b",
            "32",
            "--rounds",
            "0",
            "--lr",
            "0.05",
            "-t",
            "1",
        ];
        CommandLine.Run([.. train, "--method", "dense", "--epochs", "1", "-o", _folder["dense"]]).Succeeds();
        CommandLine
            .Run([.. train, "--method", "subp", "--init", _folder["dense"], "--quantize", "int8", "--epochs", "2", "-o", _folder["bytes"]])
            .Succeeds();
        var trained = double.Parse(
            File.ReadAllLines(Path.Combine(_folder["bytes"], "summary.csv"))[^1].Split(',')[
                Array.IndexOf(File.ReadAllLines(Path.Combine(_folder["bytes"], "summary.csv"))[0].Split(','), "test_accuracy")
            ],
            System.Globalization.CultureInfo.InvariantCulture
        );

        var bundle = Path.Combine(_folder["bytes"], "int8.subp");
        var layers = CommandLine.Run("inspect", bundle, "--peak", "100", "--json").Succeeds().Json().GetProperty("layers");
        Assert.Contains(
            layers.EnumerateArray(),
            layer => layer.GetProperty("keptMacs").GetInt64() * 2 < layer.GetProperty("denseMacs").GetInt64()
        );
        Assert.DoesNotContain(layers.EnumerateArray(), layer => layer.GetProperty("floatReason").GetString() is not null);
        CommandLine.Run("compile", bundle, "--strict-int8", "-o", _folder["bytes.dll"]).Succeeds();
        var found = CommandLine.Run("eval", _folder["bytes.dll"], "--images", "200", "--json").Succeeds().Json().GetProperty("accuracy");
        // Other roundings of a few sums move an image or two over a border.
        Assert.InRange(found.GetDouble(), trained - 0.015, trained + 0.015);
        Assert.True(trained > 0.4, $"{trained}");
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

    [Theory]
    [InlineData("sup", "Did you mean 'subp'?")]
    [InlineData("sr_ste", "Did you mean 'sr-ste'?")]
    [InlineData("magnitude", "Known are: dense, subp, 1xn, sr-ste, dpf, filter, fixed.")]
    public void A_method_that_is_not_known_is_answered_with_the_one_that_was_meant(string method, string answer) =>
        Assert.Contains(
            answer,
            CommandLine.Run("train", "--method", method, "--dry-run").Answers(1, "SUBP0801").Error,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("fashion-resnet9", "Did you mean 'fashion-resnet8'?")]
    [InlineData("resnet-18", "Did you mean 'resnet18'?")]
    [InlineData("alexnet", "Known are: fashion-resnet8, ")]
    public void A_network_that_is_not_known_is_answered_with_the_one_that_was_meant(string network, string answer) =>
        Assert.Contains(
            answer,
            CommandLine.Run("train", "--model", network, "--dry-run").Answers(1, "SUBP0801").Error,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_layer_that_is_not_known_is_answered_with_the_one_that_was_meant_before_anything_is_written()
    {
        string[] train = ["train", "--fast-dev-run", "-b", "32", "-o", _folder["run"]];
        var answer = CommandLine.Run([.. train, "--exclude", "stage3.conv3"]).Answers(2, "SUBP0511").Error;
        Assert.Contains("Did you mean 'stage3.conv1'?", answer, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void A_full_disk_is_answered_with_SUBP0802_and_nothing_is_half_written()
    {
        const string FullDisk = "/dev/full";
        if (!File.Exists(FullDisk))
            return;
        Directory.CreateDirectory(_folder["run"]);
        File.CreateSymbolicLink(Path.Combine(_folder["run"], "recipe.json.tmp"), FullDisk);
        var answer = CommandLine.Run("train", "--fast-dev-run", "-b", "32", "--force", "-o", _folder["run"]).Answers(1, "SUBP0804");
        Assert.Contains("Check the path, the permissions and the free space.", answer.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["run"]));
    }

    [Fact]
    [Trait("speed", "slow")]
    public void A_training_starts_from_files_of_every_kind_and_says_what_does_not_fit()
    {
        CommandLine.Run("train", "--fast-dev-run", "-b", "32", "--method", "subp", "-o", _folder["first"]).Succeeds();
        CommandLine.Run("export", _folder["first"], "-o", _folder["first.onnx"]).Succeeds();
        foreach (var start in new[] { "first", "first.onnx", Path.Combine("first", "model.subp") })
        {
            var method = start == "first" ? "dense" : "fixed";
            CommandLine
                .Run("train", "--fast-dev-run", "-b", "32", "--init", _folder[start], "--method", method, "-o", _folder["next"], "--force")
                .Succeeds();
            // The blocks of the bundle stay; a checkpoint has dense weights to start from.
            var kept = CommandLine.Run("inspect", _folder["next"], "--json").Succeeds().Json();
            Assert.Equal(method == "dense", kept.GetProperty("keptWeights").GetInt64() == kept.GetProperty("denseWeights").GetInt64());
        }

        string[] next = ["train", "--fast-dev-run", "-b", "32", "-o", _folder["other"]];
        CommandLine.Run([.. next, "--init", _folder["nowhere.onnx"]]).Answers(1, "SUBP0803");
        CommandLine.Run([.. next, "--init", _folder["first.onnx"], "--model", "cifar-resnet20"]).Answers(1, "SUBP0801");
        CommandLine.Run([.. next, "--init", _folder["first"], "--model", "cifar-resnet20"]).Answers(2, "SUBP0581");
        CommandLine.Run([.. next, "--teacher", _folder["first"], "--distillation", "2"]).Answers(2, "SUBP0505");
    }

    [Fact]
    public void An_engine_that_is_not_installed_says_in_one_sentence_how_to_install_it()
    {
        var error = CommandLine
            .Run("train", "--engine", "torchsharp", "--engine-dir", _folder["nowhere"], "-o", _folder["run"])
            .Answers(1, "SUBP0520")
            .Error;
        Assert.Contains(
            "Run 'subp install-engine torchsharp' once, or 'dotnet build -c Release src/Subp.Training.TorchSharp' in a clone.",
            error,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Theory]
    [InlineData("no assembly at all")]
    [InlineData(null)]
    public void Files_that_are_no_engine_of_this_version_are_answered_with_SUBP0521(string? content)
    {
        Directory.CreateDirectory(_folder["engine"]);
        var file = Path.Combine(_folder["engine"], "Subp.Training.TorchSharp.dll");
        if (content is null)
            File.Copy(typeof(Xunit.Assert).Assembly.Location, file);
        else
            File.WriteAllText(file, content);
        CommandLine.Run("train", "--engine", "torchsharp", "--engine-dir", _folder["engine"], "-o", _folder["run"]).Answers(1, "SUBP0521");
    }

    [Theory]
    [InlineData(1, "SUBP0522", "--device", "cuda")]
    [InlineData(2, "SUBP0525", "--tf32")]
    [InlineData(2, "SUBP0525", "--channels-last")]
    public void What_the_embedded_engine_does_not_have_is_refused(int code, string id, params string[] arguments) =>
        CommandLine.Run(["train", .. arguments, "--fast-dev-run", "-o", _folder["run"]]).Answers(code, id);

    [Fact]
    public void Packages_that_cannot_be_published_are_answered_with_SUBP0526()
    {
        // A package that does not exist ends the restore, also where an earlier installation left the engine in the user's cache.
        var installation = new EngineInstallation(EnginePlugin.TorchSharp, "TorchSharp-of-nobody", _folder["nowhere"]);
        var exception = Assert.Throws<SubpException>(() => installation.Install(_folder["out"], _ => { }, CancellationToken.None));
        Assert.Equal("SUBP0526", exception.Diagnostic.Descriptor.Id);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void The_libtorch_that_is_installed_is_the_one_that_the_engine_is_built_with() =>
        Assert.Contains(
            $"""Include="TorchSharp-cpu" Version="{EngineInstallation.TorchSharpVersion}" """.TrimEnd(),
            File.ReadAllText(Path.Combine(RepositoryRoot.Path, "Directory.Packages.props")),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_value_out_of_range_names_itself() =>
        Assert.Contains(
            "recipe 'sparsity'",
            CommandLine.Run("train", "--sparsity", "1.5", "--dry-run").Answers(2, "SUBP0505").Error,
            StringComparison.Ordinal
        );
}

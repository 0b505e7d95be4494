using Subp.Core.Graphs;
using Subp.Testing;
using Subp.Tooling.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>What a run that goes on, or starts from a network, takes from the command line and what from files.</summary>
public sealed class ResumeTests : IDisposable
{
    private static readonly string[] s_train =
    [
        "train",
        "--method",
        "dense",
        "--epochs",
        "1",
        "-b",
        "32",
        "--limit-train-images",
        "64",
        "--limit-test-images",
        "32",
        "--rounds",
        "0",
        "-t",
        "1",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("speed", "slow")]
    public void A_network_keeps_its_normalisation_and_gets_the_names_of_the_images_in_runs_that_start_from_it_and_go_on()
    {
        CommandLine.Run([.. s_train, "-o", _folder["first"]]).Succeeds();
        Assert.Equal(["model", "trained"], Bundles("first"));

        foreach (var names in new[] { "", "a,b,c,d,e,f,g,h,i,j" })
        {
            var start = Renamed(names.Length == 0 ? [] : names.Split(','));
            string[] whole = [.. s_train, "--init", start, "-o", _folder["whole"], "--force"];
            var said = CommandLine.Run(whole).Succeeds().Error;
            Assert.Equal(names.Length > 0, said.Contains("the classes get the names of the images", StringComparison.Ordinal));

            string[] parts = [.. s_train, "--init", start, "--max-steps", "1", "-o", _folder["parts"], "--force"];
            CommandLine.Run(parts).Succeeds();
            string[] limits = ["--limit-train-images", "64", "--limit-test-images", "32"];
            CommandLine.Run(["train", "--resume", "-o", _folder["parts"], .. limits, "--rounds", "0", "-t", "1"]).Succeeds();
            Assert.Equal(Weights("whole"), Weights("parts"));
            foreach (var run in new[] { "whole", "parts" })
            {
                var metadata = BundleFile.Read(_folder[run]).Graph.Metadata;
                Assert.Equal([0.5f], metadata.NormalizationMean);
                Assert.Equal([0.25f], metadata.NormalizationDeviation);
                Assert.Equal("ankle boot", metadata.ClassNames[9]);
            }
        }

        // The folder of a run says the same of itself as its bundles do.
        CommandLine.Run([.. s_train, "--init", _folder["parts"], "-o", _folder["next"]]).Succeeds();
        Assert.Equal([0.5f], BundleFile.Read(_folder["next"]).Graph.Metadata.NormalizationMean);
        var other = CommandLine.Run([.. s_train, "--resume", "--init", _folder["first"], "-o", _folder["parts"]]).Answers(2, "SUBP0507");
        Assert.Contains("mean 0.5 deviation 0.25", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void Other_images_and_values_are_refused_by_name()
    {
        CommandLine.Run([.. s_train, "--max-steps", "1", "-o", _folder["run"]]).Succeeds();
        var before = File.ReadAllText(Path.Combine(_folder["run"], "data.json"));
        var images = CommandLine.Run("train", "--resume", "-o", _folder["run"]).Answers(2, "SUBP0592");
        Assert.Contains("64 images to train with", images.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Path.Combine(_folder["run"], "data.json")));
        var values = CommandLine.Run([.. s_train, "--resume", "--lr", "0.5", "-o", _folder["run"]]).Answers(2, "SUBP0507");
        Assert.Contains("found learningRate 0.1, expected learningRate 0.5", values.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_folder_the_recipe_is_that_of_the_standard_one()
    {
        // No other test trains this network into the folder in which tests run.
        var folder = Path.Combine("runs", "cifar-vgg16-filter");
        CommandLine.Run("train", "--resume", "-m", "cifar-vgg16", "--method", "filter", "--dry-run").Answers(1, "SUBP0803");
        Directory.CreateDirectory(folder);
        try
        {
            File.WriteAllText(Path.Combine(folder, "recipe.json"), """{ "method": "filter", "epochs": 77 }""");
            var recipe = CommandLine.Run("train", "--resume", "-m", "cifar-vgg16", "--method", "filter", "--dry-run").Succeeds();
            Assert.Contains("\"epochs\": 77,", recipe.Out, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The finished network under another normalisation and other names: neither is part of its structure.
    private string Renamed(string[] names)
    {
        var model = UnfoldedNetwork.OfRun(_folder["first"]);
        var metadata = new ModelMetadata
        {
            ClassNames = names,
            NormalizationMean = [0.5f],
            NormalizationDeviation = [0.25f],
        };
        using var outputs = new Tooling.Files.OutputSet(force: true);
        BundleFile.Write(outputs, _folder["start.subp"], new(model.Graph.With(metadata: metadata), model.Weights));
        outputs.Commit();
        return _folder["start.subp"];
    }

    private byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(_folder[run], "trained.safetensors"));

    private string[] Bundles(string run) =>
        [
            .. Directory
                .EnumerateFiles(_folder[run], "*.safetensors")
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Order(StringComparer.Ordinal),
        ];
}

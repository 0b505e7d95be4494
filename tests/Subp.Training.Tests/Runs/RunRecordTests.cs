using System.Text.Json;
using Subp.Core.Diagnostics;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Training.Tests.Runs;

/// <summary>What a run leaves in its folder, read back; and what is left of it on a full disk.</summary>
public sealed class RunRecordTests : IDisposable
{
    // Whatever is written to it meets a disk without space.
    private const string FullDisk = "/dev/full";

    private static readonly TrainingRecipe Recipe = new()
    {
        Epochs = 3,
        BatchSize = 32,
        ScheduleStart = 0,
        ScheduleEnd = 2,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-record-").FullName;
    private readonly ImageDataset _training = SyntheticImages.Create(128);
    private readonly ImageDataset _test = SyntheticImages.Create(60, seed: 6);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_tables_of_a_run_are_read_back_as_they_were_to_the_digits_they_have()
    {
        var result = Train();
        var record = RunRecord.Read(_folder);
        Assert.True(record.IsFinished);
        Assert.Equal(RecipeFile.Print(Recipe), RecipeFile.Print(record.Recipe));
        Assert.Equal(3, record.History.Count);
        foreach (var (written, read) in result.History.Zip(record.History))
        {
            Assert.Equal(written.Epoch, read.Epoch);
            Assert.Equal(written.TestAccuracy, read.TestAccuracy, 1e-4);
            Assert.Equal(written.TestLoss, read.TestLoss, 1e-6);
            Assert.Equal(written.TrainLoss, read.TrainLoss, 1e-6);
            Assert.Equal(written.TrainAccuracy, read.TrainAccuracy, 1e-4);
            Assert.Equal(written.TestTopFive, read.TestTopFive, 1e-4);
            Assert.Equal(written.LearningRate, read.LearningRate, 1e-6);
            Assert.Equal(written.Layers, read.Layers);
        }

        Assert.Equal(RunData.Of(_training, _test) with { ClassNames = [] }, record.Data! with { ClassNames = [] });
        Assert.Equal(["a", "b", "c", "d"], record.Data.ClassNames);
    }

    [Fact]
    public void The_labels_of_other_test_images_are_other_data() =>
        Assert.NotEqual(RunData.Of(_training, _test).TestLabels, RunData.Of(_training, SyntheticImages.Create(60, seed: 7)).TestLabels);

    [Fact]
    public void The_environment_names_what_computed_the_run()
    {
        Train();
        var environment = JsonDocument.Parse(RunRecord.Read(_folder).Environment!).RootElement;
        Assert.Equal(Environment.ProcessorCount, environment.GetProperty("processors").GetInt32());
        Assert.Equal(2, environment.GetProperty("threads").GetInt32());
        Assert.StartsWith("embedded/", environment.GetProperty("engine").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(".NET ", environment.GetProperty("runtime").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(environment.GetProperty("processor").GetString()!);
        Assert.True(environment.GetProperty("libraries").TryGetProperty("Subp.Training", out _));
        Assert.Equal(0, environment.GetProperty("firstEpoch").GetInt32());
    }

    [Theory]
    [InlineData("summary.csv", "epoch\n0,one,2\n", "summary.csv(2)")]
    [InlineData("summary.csv", "epoch\n0,0.1,1,0.5,x,0.5,1,0,1\n", "summary.csv(2)")]
    [InlineData("sparsity.csv", "epoch\n0,body,2,16,4,0.75,0\n1,body,2\n", "sparsity.csv(3)")]
    [InlineData("data.json", "{", "data.json")]
    [InlineData("data.json", """{ "trainingImages": 5 }""", "data.json")]
    public void A_file_that_no_training_wrote_is_answered_with_its_place(string name, string text, string place)
    {
        File.WriteAllText(Path.Combine(_folder, "recipe.json"), RecipeFile.Print(Recipe));
        File.WriteAllText(Path.Combine(_folder, name), text);
        var failure = Assert.Throws<SubpException>(() => RunRecord.Read(_folder));
        Assert.Equal("SUBP0590", failure.Diagnostic.Descriptor.Id);
        Assert.EndsWith(place, failure.Diagnostic.Location, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_run_and_no_folder_are_answered_with_SUBP0590()
    {
        Assert.Equal("SUBP0590", Assert.Throws<SubpException>(() => RunRecord.Read(_folder)).Diagnostic.Descriptor.Id);
        var nowhere = Assert.Throws<SubpException>(() => RunRecord.Read(Path.Combine(_folder, "nowhere")));
        Assert.Contains("no such folder", nowhere.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_was_begun_by_an_older_version_is_a_run_without_data_and_environment()
    {
        File.WriteAllText(Path.Combine(_folder, "recipe.json"), RecipeFile.Print(Recipe));
        var record = RunRecord.Read(_folder);
        Assert.False(record.IsFinished);
        Assert.Null(record.Data);
        Assert.Null(record.Environment);
    }

    [Theory]
    [InlineData("last.ckpt")]
    [InlineData("best.ckpt")]
    [InlineData("summary.csv")]
    [InlineData("sparsity.csv")]
    public void On_a_full_disk_a_run_ends_with_what_it_had_and_goes_on_from_there_when_there_is_space(string name)
    {
        if (!File.Exists(FullDisk))
            return;
        var whole = Train(Path.Combine(_folder, "whole"));
        var half = Path.Combine(_folder, "half");
        Assert.Equal(9, Train(half, maxSteps: 9).StoppedAfterSteps);
        var before = File.ReadAllBytes(Path.Combine(half, "last.ckpt"));
        // The temporary file of the next write is the device that has no space.
        File.CreateSymbolicLink(Path.Combine(half, name + ".tmp"), FullDisk);
        Assert.Throws<IOException>(() => Train(half, resume: true));
        Assert.Empty(Directory.EnumerateFileSystemEntries(half, "*.tmp"));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(half, "last.ckpt")));

        var resumed = Train(half, resume: true);
        foreach (string weight in whole.Model.Weights.Names)
            Assert.Equal(whole.Model.Weights[weight].Values, resumed.Model.Weights[weight].Values);
        Assert.Equal(
            File.ReadAllText(Path.Combine(_folder, "whole", "sparsity.csv")),
            File.ReadAllText(Path.Combine(half, "sparsity.csv"))
        );
    }

    private TrainingResult Train(string? folder = null, bool resume = false, int? maxSteps = null) =>
        Trainer.Train(
            Recipe,
            SyntheticImages.Network(),
            _training,
            _test,
            new TrainingOptions
            {
                Folder = folder ?? _folder,
                Resume = resume,
                MaxSteps = maxSteps,
                Engine = new EngineSettings { Threads = 2 },
            }
        );
}

using Subp.Core.Diagnostics;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Training.Tests.Runs;

/// <summary>What happens to the folder of a run that is replaced, or that cannot begin.</summary>
public sealed class RunFolderTests : IDisposable
{
    private static readonly TrainingRecipe Recipe = new()
    {
        Method = TrainingMethod.Dense,
        Epochs = 1,
        BatchSize = 32,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-folder-").FullName;
    private readonly ImageDataset _images = SyntheticImages.Create(64);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Run => Path.Combine(_folder, "runs", "run");

    [Fact]
    public void A_run_that_cannot_begin_leaves_the_one_that_it_was_to_replace()
    {
        Train(new TrainingOptions { Folder = Run });
        var before = Names();
        var checkpoint = File.ReadAllBytes(Path.Combine(Run, "last.ckpt"));
        var options = new TrainingOptions { Folder = Run, Overwrite = true };
        Assert.Throws<InvalidOperationException>(() => Train(options with { Provider = new NoEngine() }));
        Assert.Throws<SubpException>(() => Train(options, Recipe with { Method = TrainingMethod.Fixed }));
        Assert.Equal(before, Names());
        Assert.Equal(checkpoint, File.ReadAllBytes(Path.Combine(Run, "last.ckpt")));
    }

    [Fact]
    public void A_run_that_cannot_begin_leaves_no_folder_that_was_not_there()
    {
        Assert.Throws<InvalidOperationException>(() => Train(new TrainingOptions { Folder = Run, Provider = new NoEngine() }));
        Assert.Throws<SubpException>(() => Train(new TrainingOptions { Folder = Run }, Recipe with { Method = TrainingMethod.Fixed }));
        RunFolder.Open(Run, resume: false, overwrite: false).Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void A_run_that_is_replaced_leaves_none_of_its_files_and_files_of_others_stay()
    {
        Train(new TrainingOptions { Folder = Run });
        var left = Names();
        string[] finished = ["model", "trained", "int8"];
        foreach (string name in finished.SelectMany(stem => new[] { stem + ".subp", stem + ".safetensors" }))
            File.WriteAllText(Path.Combine(Run, name), "");
        foreach (string name in new[] { "report.html", "skipped-images.txt", "notes.txt" })
            File.WriteAllText(Path.Combine(Run, name), "");

        using (new Trainer(Recipe, SyntheticImages.Network(), _images, _images, new TrainingOptions { Folder = Run, Overwrite = true }))
            Assert.Equal(["data.json", "env.json", "last.ckpt", "network.subp", "notes.txt", "recipe.json", "run.lock"], Names());
        Train(new TrainingOptions { Folder = Run, Overwrite = true });
        Assert.Equal([.. left.Append("notes.txt").Order(StringComparer.Ordinal)], Names());
    }

    [Fact]
    public void A_folder_of_something_else_is_not_overwritten()
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "data.json"), "mine");
        var failure = Assert.Throws<SubpException>(() => Train(new TrainingOptions { Folder = Run, Overwrite = true }));
        Assert.Equal("SUBP0805", failure.Diagnostic.Descriptor.Id);
        Assert.Equal(["data.json"], Names());
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Run, "data.json")));
    }

    [Fact]
    public void A_folder_that_is_empty_or_of_a_run_that_was_killed_while_it_began_is_overwritten()
    {
        Directory.CreateDirectory(Run);
        Train(new TrainingOptions { Folder = Run, Overwrite = true });
        File.Delete(Path.Combine(Run, "recipe.json"));
        Assert.Equal("SUBP0510", Assert.Throws<SubpException>(() => Train(new TrainingOptions { Folder = Run })).Diagnostic.Descriptor.Id);
        Train(new TrainingOptions { Folder = Run, Overwrite = true });
        Assert.Contains("recipe.json", Names());
    }

    private string[] Names() => [.. Directory.EnumerateFiles(Run).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private void Train(TrainingOptions options, TrainingRecipe? recipe = null) =>
        Trainer.Train(
            recipe ?? Recipe,
            SyntheticImages.Network(),
            _images,
            _images,
            options with
            {
                Engine = new EngineSettings { Threads = 1 },
            }
        );

    private sealed class NoEngine : ITrainingEngineProvider
    {
        public string Name => "none";

        public string? Remark => null;

        public ITrainingEngine Create(EngineRequest request) => throw new InvalidOperationException("no memory on the device");
    }
}

using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Images.Folders;
using Subp.Training.Numerics;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Training.Images.Tests;

/// <summary>Image folders as training data, on a few hundred files made from the bundled images.</summary>
public sealed class ImageFolderDatasetTests : IDisposable
{
    private const int Extent = 16;
    private readonly FashionFolder _files = new(trainingImages: 256, validationImages: 96);

    private static readonly TrainingRecipe s_recipe = new()
    {
        Method = TrainingMethod.Subp,
        Epochs = 3,
        BatchSize = 32,
        LearningRate = 0.05,
        Sparsity = 0.5,
        ScheduleStart = 0,
        ScheduleEnd = 1,
        CropArea = 0.6,
    };

    public void Dispose() => _files.Dispose();

    [Fact]
    public void The_same_seed_gives_the_same_batches_whatever_the_number_of_threads()
    {
        var one = Epochs(threads: 1, seed: 5);
        Assert.Equal(one, Epochs(threads: 3, seed: 5));
        Assert.NotEqual(one, Epochs(threads: 1, seed: 6));
        Assert.NotEqual(one[..(one.Length / 2)], one[(one.Length / 2)..]);
    }

    [Fact]
    public void An_epoch_that_is_taken_up_in_the_middle_gives_the_rest_of_it()
    {
        using var whole = Open(Dataset(_files.Training));
        using var rest = Open(Dataset(_files.Training));
        whole.StartEpoch(new DeterministicRandom(5), new DeterministicRandom(5));
        var images = new float[64 * whole.ImageLength];
        Assert.Equal(64, whole.Next(images, new int[64]));
        Assert.Equal(64, whole.Position);
        Assert.Equal(64, whole.Next(images, new int[64]));

        rest.StartEpoch(new DeterministicRandom(5), new DeterministicRandom(5), position: 64);
        var again = new float[64 * rest.ImageLength];
        Assert.Equal(64, rest.Next(again, new int[64]));
        Assert.Equal(images, again);
    }

    [Fact]
    public void Processes_that_train_together_read_the_batches_of_one_process()
    {
        using var whole = Open(Dataset(_files.Training));
        using var first = Open(Dataset(_files.Training), new Shard(0, 2));
        using var second = Open(Dataset(_files.Training), new Shard(1, 2));
        foreach (var source in new[] { whole, first, second })
            source.StartEpoch(new DeterministicRandom(5), new DeterministicRandom(5));

        for (int batch = 0; batch < 3; batch++)
        {
            var expected = Images(whole, 32);
            Assert.Equal(
                expected.Order(StringComparer.Ordinal),
                Images(first, 16).Concat(Images(second, 16)).Order(StringComparer.Ordinal)
            );
            Assert.Equal(whole.Position, first.Position);
            Assert.Equal(whole.Position, second.Position);
        }
    }

    [Fact]
    public void A_process_without_an_image_of_its_own_reads_none()
    {
        var few = new ImageFolderDataset(
            ImageFolder.Read(_files.Validation).Take(2),
            new ImageFolderOptions(),
            new SkippedImages(isStrict: false)
        );
        using var source = Open(few, new Shard(2, 3));
        source.StartPass();
        Assert.Equal(0, source.Next(new float[source.ImageLength], new int[1]));
    }

    [Fact]
    public void Images_that_cannot_be_read_are_left_out_and_listed_and_the_others_move_up()
    {
        int before = Labels(Dataset(_files.Validation)).Count;
        Damage(_files.Validation);
        var dataset = Dataset(_files.Validation);
        Assert.Equal(before, Labels(dataset).Count);
        Assert.Equal(before + 3, dataset.Count);
        Assert.Equal(3, dataset.Skipped.Count);
        Assert.Equal(
            ["a file of another kind", "a file of another kind", "an image that is cut off"],
            dataset.Skipped.List().Select(entry => entry.Value).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_strict_run_ends_at_the_first_image_that_cannot_be_read()
    {
        Damage(_files.Validation);
        var refusal = Assert.Throws<SubpException>(() => Labels(Dataset(_files.Validation, isStrict: true))).Diagnostic;
        Assert.Equal("SUBP0572", refusal.Descriptor.Id);
        Assert.StartsWith(_files.Validation, refusal.Location, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_which_nothing_can_be_read_is_refused()
    {
        foreach (string file in Directory.EnumerateFiles(_files.Validation, "*", SearchOption.AllDirectories))
            File.WriteAllText(file, "no image");

        Assert.Equal("SUBP0572", Assert.Throws<SubpException>(() => Labels(Dataset(_files.Validation))).Diagnostic.Descriptor.Id);
    }

    [Fact]
    public void A_training_without_a_batch_of_readable_images_is_refused_with_their_number()
    {
        string[] files = [.. Directory.EnumerateFiles(_files.Training, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        foreach (string file in files.Skip(3))
            File.WriteAllText(file, "no image");

        var refusal = Assert.Throws<SubpException>(() => Train(Options(2))).Diagnostic;
        Assert.Equal("SUBP0505", refusal.Descriptor.Id);
        Assert.Equal(FormattableString.Invariant($"3 readable images for a batch of {s_recipe.BatchSize}"), refusal.Found);
    }

    [Fact]
    public void A_network_learns_from_a_folder()
    {
        var result = Train(Options(2));
        Assert.True(result.TestAccuracy > 0.6, $"{result.TestAccuracy}");
        Assert.Equal(1, result.History[^1].TestTopFive);
    }

    [Fact]
    public void A_run_that_stops_after_some_steps_goes_on_as_if_it_had_not_stopped()
    {
        string folder = Path.Combine(_files.Root, "run");
        var whole = Train(Options(1));
        var first = Train(Options(1) with { Folder = folder, MaxSteps = 5 });
        Assert.Equal((5, 0), (first.StoppedAfterSteps, first.History.Count));
        var second = Train(Options(1) with { Folder = folder, MaxSteps = 11, Resume = true });
        Assert.Equal((11, 2), (second.StoppedAfterSteps, second.History.Count));
        var last = Train(Options(1) with { Folder = folder, Resume = true });
        Assert.Null(last.StoppedAfterSteps);
        Assert.Equal(
            whole.History.Select(epoch => (epoch.TrainLoss, epoch.TrainAccuracy, epoch.TestLoss)),
            last.History.Select(epoch => (epoch.TrainLoss, epoch.TrainAccuracy, epoch.TestLoss))
        );
        Assert.Equal(whole.Model.Weights["body.weight"].Values, last.Model.Weights["body.weight"].Values);
    }

    private static void Damage(string folder)
    {
        string part = Path.Combine(folder, "class-0");
        byte[] whole = File.ReadAllBytes(Directory.EnumerateFiles(part, "*.JPEG").Order(StringComparer.Ordinal).First());
        File.WriteAllBytes(Path.Combine(part, "0000-cut.jpg"), whole[..(whole.Length / 2)]);
        File.WriteAllText(Path.Combine(part, "0001-text.png"), "text");
        File.WriteAllBytes(Path.Combine(part, "0002-empty.jpg"), []);
    }

    private static ImageFolderDataset Dataset(string folder, int threads = 2, bool isStrict = false) =>
        new(
            ImageFolder.Read(folder),
            new ImageFolderOptions
            {
                Height = Extent,
                Width = Extent,
                ShorterSide = 18,
                Threads = threads,
            },
            new SkippedImages(isStrict)
        );

    private static IBatchSource Open(ImageFolderDataset dataset, Shard? shard = null) =>
        dataset.Open(ImageFolderDataset.ImageNet, new Augmentation(0, true, 0.3), shard ?? Shard.Whole);

    private static TrainingOptions Options(int threads) => new() { Engine = new EngineSettings { Threads = threads } };

    // Each image as text, to compare sets of them.
    private static string[] Images(IBatchSource source, int count)
    {
        var images = new float[count * source.ImageLength];
        Assert.Equal(count, source.Next(images, new int[count]));
        return [.. images.Chunk(source.ImageLength).Select(image => string.Join(' ', image))];
    }

    private static List<int> Labels(ImageFolderDataset dataset)
    {
        using var source = Open(dataset);
        source.StartPass();
        var labels = new int[10];
        var images = new float[labels.Length * source.ImageLength];
        var all = new List<int>();
        while (source.Next(images, labels) is > 0 and var count)
            all.AddRange(labels[..count]);

        return all;
    }

    private float[] Epochs(int threads, ulong seed)
    {
        using var source = Open(Dataset(_files.Training, threads));
        var random = new DeterministicRandom(seed);
        var all = new List<float>();
        var images = new float[32 * source.ImageLength];
        for (int epoch = 0; epoch < 2; epoch++)
        {
            source.StartEpoch(random, random);
            while (source.Next(images, new int[32]) == 32)
                all.AddRange(images);
        }

        return [.. all];
    }

    private TrainingResult Train(TrainingOptions options) =>
        Trainer.Train(s_recipe, Network(), Dataset(_files.Training), Dataset(_files.Validation), options);

    private static Graph Network()
    {
        var builder = new GraphBuilder("tiny");
        string x = builder.Input("image", new TensorShape(1, 3, Extent, Extent));
        x = builder.Node("stem.relu", Activate.Relu, builder.BatchNorm("stem.norm", builder.Conv2d("stem", x, 16, Window.Square(3, 2, 1))));
        x = builder.Node("body.relu", Activate.Relu, builder.BatchNorm("body.norm", builder.Conv2d("body", x, 32, Window.Square(3, 2, 1))));
        builder.Output(builder.Linear("classifier", builder.Node("flat", new Flatten(), x), 4));
        return builder.Build();
    }
}

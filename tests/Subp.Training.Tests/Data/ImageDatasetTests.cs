using Subp.Core.Diagnostics;
using Subp.Training.Data;
using Subp.Training.Numerics;
using Subp.Training.Tests.Runs;

namespace Subp.Training.Tests.Data;

public class ImageDatasetTests
{
    [Fact]
    public void The_bundled_images_are_balanced_and_complete()
    {
        string folder = Path.Combine(RepositoryRoot.Path, "data", "fashion-mnist");
        var training = FashionMnist.ReadTraining(folder);
        var test = FashionMnist.ReadTest(folder);

        Assert.Equal((10_000, 2_000, 28, 28), (training.Count, test.Count, training.Height, training.Width));
        Assert.All(Enumerable.Range(0, 10), label => Assert.Equal(1_000, training.Labels.Count(found => found == label)));
        Assert.All(Enumerable.Range(0, 10), label => Assert.Equal(200, test.Labels.Count(found => found == label)));
        var measured = training.MeasureNormalization();
        Assert.InRange(measured.Mean[0], FashionMnist.Normalization.Mean[0] - 0.01f, FashionMnist.Normalization.Mean[0] + 0.01f);
        Assert.InRange(
            measured.Deviation[0],
            FashionMnist.Normalization.Deviation[0] - 0.01f,
            FashionMnist.Normalization.Deviation[0] + 0.01f
        );
    }

    [Fact]
    public void Images_and_labels_of_different_number_are_answered_with_SUBP0503()
    {
        var exception = Assert.Throws<SubpException>(() => new ImageDataset("set", new byte[12], new byte[2], 1, 2, 2, ["a"]));
        Assert.Equal("SUBP0503", exception.Diagnostic.Descriptor.Id);
    }

    [Fact]
    public void A_label_beyond_the_classes_is_answered_with_SUBP0504()
    {
        var exception = Assert.Throws<SubpException>(() => new ImageDataset("set", new byte[8], [0, 2], 1, 2, 2, ["a", "b"]));
        Assert.Equal("SUBP0504", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("label 2 of item 1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_epoch_shows_every_image_once_and_the_order_follows_the_seed()
    {
        var loader = new BatchLoader(SyntheticImages.Create(50), new ChannelNormalization([0], [1]));
        var images = new float[50 * loader.ImageLength];
        var orders = new List<float[]>();
        foreach (ulong seed in new[] { 1UL, 1UL, 2UL })
        {
            loader.Shuffle(new DeterministicRandom(seed));
            loader.Load(0, images, new int[50]);
            orders.Add([.. images]);
        }

        Assert.Equal(orders[0], orders[1]);
        Assert.NotEqual(orders[0], orders[2]);
        Assert.Equal(orders[0].Order(), orders[2].Order());
    }

    [Fact]
    public void Augmentation_only_shifts_and_mirrors()
    {
        // One white pixel in the middle of a 7x7 image: wherever it goes, it is at most two pixels away.
        var pixels = new byte[49];
        pixels[24] = 255;
        var loader = new BatchLoader(new ImageDataset("one", pixels, [0], 1, 7, 7, ["a"]), new ChannelNormalization([0], [1]));
        var random = new DeterministicRandom(3);
        var seen = new HashSet<int>();
        var image = new float[49];
        for (int i = 0; i < 500; i++)
        {
            loader.Load(0, image, new int[1], new Augmentation(2, true), random);
            int at = Array.IndexOf(image, 1f);
            Assert.Equal(48, image.Count(value => value == 0));
            Assert.InRange(at / 7, 1, 5);
            Assert.InRange(at % 7, 1, 5);
            seen.Add(at);
        }

        Assert.Equal(25, seen.Count);
    }

    [Fact]
    public void Normalisation_subtracts_the_mean_and_divides_by_the_deviation()
    {
        var loader = new BatchLoader(new ImageDataset("one", [0, 255], [0], 1, 1, 2, ["a"]), new ChannelNormalization([0.5f], [0.25f]));
        var image = new float[2];
        loader.Load(0, image, new int[1]);

        Assert.Equal([-2f, 2f], image);
    }
}

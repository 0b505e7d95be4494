using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Training.Data;

/// <summary>Fashion-MNIST and MNIST, which share their format: four idx files with fixed names in one folder.</summary>
public static class FashionMnist
{
    /// <summary>The names of the ten Fashion-MNIST classes.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
    ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>The ten digits of MNIST.</summary>
    public static IReadOnlyList<string> DigitNames { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>
    /// The normalisation of the 60,000 training images of Fashion-MNIST. It is a constant, not measured on the images at hand,
    /// so that a network trained on a subset takes the same input as one trained on the full set.
    /// </summary>
    public static ChannelNormalization Normalization { get; } = new([0.2860f], [0.3530f]);

    /// <summary>The metadata of a network trained on Fashion-MNIST.</summary>
    public static ModelMetadata Metadata { get; } =
        new()
        {
            ClassNames = ClassNames,
            NormalizationMean = Normalization.Mean,
            NormalizationDeviation = Normalization.Deviation,
        };

    /// <summary>Reads the training images of a folder.</summary>
    /// <exception cref="SubpException">A file is missing or malformed, or the two do not belong together.</exception>
    public static ImageDataset ReadTraining(string folder, IReadOnlyList<string>? classNames = null) => Read(folder, "train", classNames);

    /// <summary>Reads the test images of a folder.</summary>
    /// <exception cref="SubpException">A file is missing or malformed, or the two do not belong together.</exception>
    public static ImageDataset ReadTest(string folder, IReadOnlyList<string>? classNames = null) => Read(folder, "t10k", classNames);

    private static ImageDataset Read(string folder, string prefix, IReadOnlyList<string>? classNames)
    {
        var images = IdxFile.Read(Find(folder, $"{prefix}-images-idx3-ubyte"), rank: 3);
        var labels = IdxFile.Read(Find(folder, $"{prefix}-labels-idx1-ubyte"), rank: 1);
        return new ImageDataset(
            labels.Path,
            images.Values,
            labels.Values,
            channels: 1,
            images.Dimensions[1],
            images.Dimensions[2],
            classNames ?? ClassNames
        );
    }

    private static string Find(string folder, string name)
    {
        string compressed = Path.Combine(folder, name + ".gz");
        return File.Exists(compressed) ? compressed : Path.Combine(folder, name);
    }
}

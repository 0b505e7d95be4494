using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Tooling.Failures;
using Subp.Tooling.Inputs;
using Subp.Training.Data;
using Subp.Training.Images;
using Subp.Training.Images.Folders;

namespace Subp.Cli.Compression;

/// <summary>Inputs without labels that statistics are measured on.</summary>
internal static class CalibrationInputs
{
    /// <summary>The most inputs that are held out, to compare networks on.</summary>
    public const int MostHeldOut = 50;

    /// <summary>Reads the inputs of files and folders, in their order.</summary>
    /// <param name="paths">Folders with the idx files of MNIST or Fashion-MNIST, of which the training images are taken; folders of .jpg or
    /// .png files, in themselves, in one folder for each class, or below <c>train</c>; .npy files or raw floats with any number of inputs,
    /// normalised as the network wants them. For a network of several inputs each is <c>name=path</c>.</param>
    /// <param name="most">The most inputs; up to <see cref="MostHeldOut"/> more are held out.</param>
    /// <param name="graph">The network.</param>
    /// <exception cref="SubpException">A file is missing or does not fit. SUBP0531: the inputs cannot be used.</exception>
    public static CalibrationSet Read(IReadOnlyList<string> paths, int most, Graph graph)
    {
        var wanted = most + MostHeldOut;
        IReadOnlyList<float[]> Of(string path, TensorShape shape) => [.. OfPath(path, shape, graph.Metadata, wanted)];
        IReadOnlyList<float[]> inputs =
            graph.Inputs.Count == 1
                ? [.. paths.SelectMany(path => Of(path, graph.Inputs[0].Shape))]
                : JoinedCalibration.Read(paths, graph.Inputs, Of);
        IReadOnlyList<float[]> taken = [.. inputs.Take(most)];
        Require(string.Join(", ", paths), taken);
        return new CalibrationSet(taken, [.. inputs.Skip(most).Take(MostHeldOut)]);
    }

    private static IEnumerable<float[]> OfPath(string path, TensorShape shape, ModelMetadata metadata, int wanted)
    {
        if (Pictures(path) is { } pictures)
            return Decoded(pictures.Take(wanted * shape.Batch), shape, metadata);
        if (!Directory.Exists(path))
            return File.Exists(path) ? NpyFile.ReadMany(path, shape) : throw new SubpException(FailureReport.NotFound(path));
        if (!Directory.EnumerateFiles(path, "train-images*").Any())
            throw Invalid(
                path,
                "a folder with neither pictures nor idx files",
                "Name a folder with .jpg or .png files, in itself or in one folder for each class, or with train-images-idx3-ubyte."
            );
        var images = InputSet.OfImages(path, FashionMnist.ReadTraining(path), shape, metadata, wanted * shape.Batch);
        return Enumerable.Range(0, images.Count).Select(index => images[index]);
    }

    // As networks for ImageNet see them when they are measured: the shorter side is resized, and the middle cut out.
    private static IEnumerable<float[]> Decoded(ImageFolder folder, TensorShape shape, ModelMetadata metadata)
    {
        const double Margin = 256.0 / 224;
        if (shape is not { IsImage: true, Channels: 3 })
            throw Invalid(folder.Root, "images of three channels", $"The network takes {shape}; give its inputs as .npy files.");
        var options = new ImageFolderOptions
        {
            Height = shape.Height,
            Width = shape.Width,
            ShorterSide = (int)(Math.Max(shape.Height, shape.Width) * Margin),
        };
        // What cannot be read is an error: few inputs count, and each of them.
        var images = new ImageFolderDataset(folder, options, new SkippedImages(isStrict: true));
        var normalization =
            metadata.NormalizationMean.Count == shape.Channels
                ? new ChannelNormalization(metadata.NormalizationMean, metadata.NormalizationDeviation)
                : throw Invalid(
                    folder.Root,
                    "pictures for a network that does not say how it wants its pixels",
                    "Say it with --normalize: imagenet for the networks of torchvision, 0..1 for most detectors."
                );
        using var batches = images.Open(normalization, Augmentation.None, Shard.Whole);
        batches.StartPass();
        for (var count = images.Count / shape.Batch; count > 0; count--)
        {
            var input = new float[shape.ElementCount];
            batches.Next(input, new int[shape.Batch]);
            yield return input;
        }
    }

    private static ImageFolder? Pictures(string path)
    {
        if (!Directory.Exists(path))
            return null;
        var training = Path.Combine(path, "train");
        if (Directory.Exists(training))
            path = training;
        ImageFile[] files =
        [
            .. Directory
                .EnumerateFiles(path)
                .Where(file => Path.GetExtension(file).ToLowerInvariant() is ".jpg" or ".jpeg" or ".png")
                .Order(StringComparer.Ordinal)
                .Select(file => new ImageFile(file, 0)),
        ];
        if (files.Length > 0)
            return new ImageFolder(path, ["images"], files);
        return Directory.EnumerateDirectories(path).Any() ? ImageFolder.Read(path) : null;
    }

    private static void Require(string place, IReadOnlyList<float[]> inputs)
    {
        if (inputs.Count == 0)
            throw Invalid(place, "no whole input of the network", "Give at least as many images as the network's batch.");
        for (var index = 0; index < inputs.Count; index++)
        {
            if (Array.Exists(inputs[index], value => !float.IsFinite(value)))
                throw Invalid(
                    place,
                    FormattableString.Invariant($"a number that is not finite in input {index}"),
                    "Repair the file, or leave the input out."
                );
        }

        var first = inputs[0][0];
        if (inputs.All(input => Array.TrueForAll(input, value => value == first)) || (inputs.Count > 1 && AreAlike(inputs)))
            throw Invalid(place, FormattableString.Invariant($"{inputs.Count} inputs that are all the same"), "Give inputs that differ.");
    }

    private static bool AreAlike(IReadOnlyList<float[]> inputs) => inputs.All(input => input.AsSpan().SequenceEqual(inputs[0]));

    /// <summary>The diagnostic of inputs that nothing can be measured on.</summary>
    public static SubpException Invalid(string place, string found, string action) =>
        new(DiagnosticDescriptors.CalibrationInvalid, place, found, "some ten to some hundred finite inputs that differ", action);
}

using System.Text;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Tooling.Files;
using Subp.Tooling.Inputs;
using Subp.Training.Data;
using Subp.Training.Distributed;
using Subp.Training.Images;
using Subp.Training.Images.Folders;

namespace Subp.Cli.Training;

/// <summary>What the command line says about the images of a training.</summary>
/// <param name="Directory">The folder, or null for the bundled images.</param>
/// <param name="TrainingLimit">How many training images at most.</param>
/// <param name="TestLimit">How many test images at most.</param>
/// <param name="ImageSize">Image folders: the extent of the input, or null for that of the network.</param>
/// <param name="ShorterSide">Image folders: the length of the shorter side before the centre crop, or null for 256 at 224.</param>
/// <param name="Workers">Image folders: the threads that decode, or null for one per processor.</param>
/// <param name="IsStrict">Image folders: whether an image that cannot be read ends the run.</param>
internal sealed record TrainingDataRequest(
    string? Directory,
    int TrainingLimit,
    int TestLimit,
    int? ImageSize,
    int? ShorterSide,
    int? Workers,
    bool IsStrict
);

/// <summary>The images of a training: idx files in memory, or a folder in the layout of ImageNet.</summary>
/// <param name="Training">The images to learn from.</param>
/// <param name="Test">The images to measure with.</param>
/// <param name="Metadata">Class names and normalisation.</param>
/// <param name="Skipped">The images that could not be read; null for idx files.</param>
internal sealed record TrainingData(IImageSource Training, IImageSource Test, ModelMetadata Metadata, SkippedImages? Skipped)
{
    private const string TrainingPart = "train";
    private const string ValidationPart = "val";
    private const int ImageNetExtent = 224;
    private const int ImageNetShorterSide = 256;

    /// <summary>Opens the images.</summary>
    /// <exception cref="SubpException">They are not there, or do not belong together.</exception>
    public static TrainingData Read(TrainingDataRequest request, string network)
    {
        var folder = BundledImages.Folder(request.Directory);
        if (IsImageFolder(folder))
            return ReadFolder(folder, request, network);

        if (request.ImageSize is not null || request.ShorterSide is not null || request.IsStrict || request.Workers is not null)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--image-size, --resize, --workers or --strict",
                $"{folder}, which has no folder '{TrainingPart}'",
                $"a folder with '{TrainingPart}' and '{ValidationPart}' in --data-dir"
            );
        return new TrainingData(
            TrainingSession.Limit(FashionMnist.ReadTraining(folder), request.TrainingLimit, "training images"),
            TrainingSession.Limit(FashionMnist.ReadTest(folder), request.TestLimit, "test images"),
            FashionMnist.Metadata,
            Skipped: null
        );
    }

    /// <summary>Warns of the images that were left out in any process, and lists them in the run folder; rank 0 does so for all.</summary>
    public void ReportSkipped(string runFolder, string source, CommandContext context, IProcessGroup group)
    {
        var skipped = ListSkipped(runFolder, group);
        if (skipped.Count > 0)
            context.Report(
                new Diagnostic(
                    DiagnosticDescriptors.ImagesSkipped,
                    source,
                    FormattableString.Invariant($"{skipped.Count} that cannot be read, the first '{skipped[0]}'"),
                    "JPEG or PNG images",
                    $"The list is in {SkippedPath(runFolder)}."
                )
            );
    }

    /// <summary>
    /// Lists the images that any process has left out so far in the run folder, so that the list is there however the run ends. All
    /// processes call it together; what rank 0 gets, which writes the file, is the list, and others get none.
    /// </summary>
    public IReadOnlyList<string> ListSkipped(string runFolder, IProcessGroup group)
    {
        if (Skipped is null)
            return [];

        // Every process has read other images.
        var own = string.Concat(Skipped.List().Select(entry => $"{entry.Key}: {entry.Value}\n"));
        string[] skipped =
        [
            .. group
                .Gather(Encoding.UTF8.GetBytes(own))
                .SelectMany(part => Encoding.UTF8.GetString(part).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        if (skipped.Length == 0 || group.Rank > 0)
            return [];

        using var outputs = new OutputSet(force: true);
        outputs.WriteFile(SkippedPath(runFolder), string.Concat(skipped.Select(line => line + "\n")));
        outputs.Commit();
        return skipped;
    }

    private static string SkippedPath(string runFolder) => Path.Combine(runFolder, "skipped-images.txt");

    private static bool IsImageFolder(string folder) =>
        System.IO.Directory.Exists(Path.Combine(folder, TrainingPart)) || System.IO.Directory.Exists(Path.Combine(folder, ValidationPart));

    private static TrainingData ReadFolder(string folder, TrainingDataRequest request, string network)
    {
        var extent = request.ImageSize ?? (network.StartsWith("cifar-", StringComparison.Ordinal) ? 32 : ImageNetExtent);
        var shorterSide = request.ShorterSide ?? (int)((long)extent * ImageNetShorterSide / ImageNetExtent);
        if (shorterSide < extent)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--resize",
                FormattableString.Invariant($"{shorterSide}"),
                FormattableString.Invariant($"at least {extent}, the size of the images")
            );
        var options = new ImageFolderOptions
        {
            Height = extent,
            Width = extent,
            ShorterSide = shorterSide,
            Threads = request.Workers ?? Environment.ProcessorCount,
        };
        var training = ImageFolder.Read(Path.Combine(folder, TrainingPart));
        var validation = ImageFolder.Read(Path.Combine(folder, ValidationPart));
        training.RequireSameClasses(validation);
        var skipped = new SkippedImages(request.IsStrict);
        return new TrainingData(
            new ImageFolderDataset(training.Take(request.TrainingLimit), options, skipped),
            new ImageFolderDataset(validation.Take(request.TestLimit), options, skipped),
            new ModelMetadata
            {
                ClassNames = training.ClassNames,
                NormalizationMean = ImageFolderDataset.ImageNet.Mean,
                NormalizationDeviation = ImageFolderDataset.ImageNet.Deviation,
            },
            skipped
        );
    }
}

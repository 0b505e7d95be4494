using System.Text.Json;
using Subp.Core.Diagnostics;
using Subp.Training.Runs;

namespace Subp.Cli.Experiments;

/// <summary>Which images a result is of. All results of a table are of the same ones.</summary>
/// <param name="TrainingImages">Images trained on.</param>
/// <param name="TestImages">Images tested on.</param>
/// <param name="TrainingLabels">The sha256 of the training labels; null in older files, and where images are not in memory.</param>
/// <param name="TestLabels">The same of the test labels.</param>
internal sealed record ResultImages(int? TrainingImages, int? TestImages, string? TrainingLabels, string? TestLabels)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The images that runs are about to have.</summary>
    public static ResultImages Of(RunData data) => new(data.TrainingImages, data.TestImages, data.TrainingLabels, data.TestLabels);

    /// <summary>Requires that results are of the same images, as far as their files say.</summary>
    /// <param name="results">Result files; those that are not there, or damaged, are somebody else's to report.</param>
    /// <param name="images">The images that they are to be of; null for those of the first file.</param>
    /// <param name="place">Where these images are.</param>
    /// <exception cref="SubpException">SUBP0583 for the first that is of others.</exception>
    public static void RequireSame(IEnumerable<string> results, ResultImages? images = null, string place = "")
    {
        foreach (var path in results.Where(File.Exists))
        {
            if (Read(path) is not { } own)
                continue;
            if (images is not null)
            {
                Require(path, "training images", own.TrainingImages, images.TrainingImages, place);
                Require(path, "test images", own.TestImages, images.TestImages, place);
                Require(path, "training labels with the sha256", own.TrainingLabels, images.TrainingLabels, place);
                Require(path, "test labels with the sha256", own.TestLabels, images.TestLabels, place);
            }

            // What an older file does not say, a newer one may.
            images = new ResultImages(
                own.TrainingImages ?? images?.TrainingImages,
                own.TestImages ?? images?.TestImages,
                own.TrainingLabels ?? images?.TrainingLabels,
                own.TestLabels ?? images?.TestLabels
            );
            place = place.Length > 0 ? place : Path.GetFileName(path);
        }
    }

    private static ResultImages? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ResultImages>(File.ReadAllText(path), Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Require<T>(string path, string what, T? own, T? wanted, string place)
    {
        if (own is null || wanted is null || own.Equals(wanted))
            return;
        throw new SubpException(
            DiagnosticDescriptors.ExperimentResultInvalid,
            path,
            FormattableString.Invariant($"{what}: {own}"),
            FormattableString.Invariant($"{wanted}, as in {place}"),
            "All results of a table are of the same images: name their folder with --data-dir, or keep others with --results elsewhere."
        );
    }
}

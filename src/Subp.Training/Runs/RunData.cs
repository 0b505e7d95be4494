using System.Text.Json;
using Subp.Training.Data;

namespace Subp.Training.Runs;

/// <summary>The images of a run, as data.json in its folder describes them: enough to see that two runs had other ones.</summary>
/// <param name="TrainingImages">How many images it learned from.</param>
/// <param name="TestImages">How many images it was measured with.</param>
/// <param name="Channels">The channels of an image.</param>
/// <param name="Height">The height of an image as the network gets it.</param>
/// <param name="Width">The width of an image as the network gets it.</param>
/// <param name="ClassNames">The classes, in the order of the labels.</param>
/// <param name="TestLabels">The <see cref="IImageSource.LabelHash"/> of the test images; null in older files of images on disk.</param>
public sealed record RunData(
    int TrainingImages,
    int TestImages,
    int Channels,
    int Height,
    int Width,
    IReadOnlyList<string> ClassNames,
    string? TestLabels
)
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The <see cref="IImageSource.LabelHash"/> of the training images; null in older files.</summary>
    public string? TrainingLabels { get; init; }

    /// <summary>Describes the images of a run.</summary>
    public static RunData Of(IImageSource training, IImageSource test) =>
        new(training.Count, test.Count, test.Channels, test.Height, test.Width, [.. test.ClassNames], test.LabelHash)
        {
            TrainingLabels = training.LabelHash,
        };

    /// <summary>The first thing in which other images differ, as these have it and as the others do; null where nothing does.</summary>
    internal (string Own, string Other)? DifferenceTo(RunData other)
    {
        (string Own, string Other)[] pairs =
        [
            (Size(this), Size(other)),
            ($"the classes {string.Join(", ", ClassNames)}", $"the classes {string.Join(", ", other.ClassNames)}"),
            (Count(TrainingImages, "train with"), Count(other.TrainingImages, "train with")),
            (Count(TestImages, "test with"), Count(other.TestImages, "test with")),
            (Hash("test", TestLabels, other.TestLabels), Hash("test", other.TestLabels, TestLabels)),
            (Hash("training", TrainingLabels, other.TrainingLabels), Hash("training", other.TrainingLabels, TrainingLabels)),
        ];
        foreach (var pair in pairs)
        {
            if (pair.Own != pair.Other)
                return pair;
        }

        return null;
    }

    private static string Size(RunData data) => FormattableString.Invariant($"images of {data.Channels} x {data.Height} x {data.Width}");

    private static string Count(int count, string what) => FormattableString.Invariant($"{count} images to {what}");

    // Labels that one of the two does not say are not compared.
    private static string Hash(string kind, string? own, string? other) =>
        own is null || other is null ? "" : $"{kind} labels with the sha256 {own}";

    /// <summary>The text of data.json.</summary>
    internal string Print() => JsonSerializer.Serialize(this, s_options) + "\n";

    /// <summary>Reads the text of data.json.</summary>
    /// <exception cref="JsonException">It is no such text.</exception>
    internal static RunData Parse(string text) => JsonSerializer.Deserialize<RunData>(text, s_options) ?? throw new JsonException();
}

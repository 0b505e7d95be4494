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
/// <param name="TestLabels">The sha256 of the labels of the test images, one byte each; null where the images are not in memory.</param>
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

    /// <summary>Describes the images of a run.</summary>
    internal static RunData Of(IImageSource training, IImageSource test) =>
        new(
            training.Count,
            test.Count,
            test.Channels,
            test.Height,
            test.Width,
            [.. test.ClassNames],
            test is ImageDataset images ? Core.Text.StructureHash.Hex(images.Labels) : null
        );

    /// <summary>The text of data.json.</summary>
    internal string Print() => JsonSerializer.Serialize(this, s_options) + "\n";

    /// <summary>Reads the text of data.json.</summary>
    /// <exception cref="JsonException">It is no such text.</exception>
    internal static RunData Parse(string text) => JsonSerializer.Deserialize<RunData>(text, s_options) ?? throw new JsonException();
}

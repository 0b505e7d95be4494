using System.CommandLine;
using System.Globalization;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Training.Images;

namespace Subp.Cli.Commands;

/// <summary>The option that says how a network wants its pixels, which neither ONNX files nor weights say by themselves.</summary>
internal sealed class NormalizeOption
{
    private const string Name = "--normalize";
    private const string Expected = "imagenet, 0..1, -1..1, 0..255, or MEANS/DEVIATIONS as in 0.5,0.5,0.5/0.2,0.2,0.2";

    // What is subtracted from pixels from 0 to 1, and what they are divided by then.
    private static readonly Dictionary<string, (float[] Mean, float[] Deviation)> s_known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["imagenet"] = ([.. ImageFolderDataset.ImageNet.Mean], [.. ImageFolderDataset.ImageNet.Deviation]),
        ["0..1"] = ([0], [1]),
        ["-1..1"] = ([0.5f], [0.5f]),
        ["0..255"] = ([0], [1 / 255f]),
    };

    private readonly Option<string?> _normalize = new(Name)
    {
        Description =
            "How the network wants its pixels, where the file does not say so: imagenet (networks of torchvision), 0..1, -1..1, 0..255, or "
            + "MEANS/DEVIATIONS of pixels from 0 to 1, one number or one for each channel. It goes into what is written.",
        HelpName = "pixels",
    };

    /// <summary>Adds the option to a command.</summary>
    public NormalizeOption AddTo(Command command)
    {
        command.Add(_normalize);
        return this;
    }

    /// <summary>The network, which names the normalisation that the option gives it; as it is where there is none.</summary>
    /// <exception cref="SubpException">SUBP0801: the normalisation cannot be read, or is one of another number of channels.</exception>
    public Model Apply(ParseResult arguments, Model model)
    {
        if (arguments.GetValue(_normalize) is not { } text)
            return model;
        var (mean, deviation) = s_known.TryGetValue(text, out var known) ? known : Parse(text);
        // Of several inputs the images are meant.
        var shape = (model.Graph.Inputs.FirstOrDefault(input => input.Shape.IsImage) ?? model.Graph.Inputs[0]).Shape;
        var channels = shape.Rank > 1 ? shape.Channels : 1;
        return model with
        {
            Graph = model.Graph.With(
                metadata: model.Graph.Metadata with
                {
                    NormalizationMean = ForAll(mean),
                    NormalizationDeviation = ForAll(deviation),
                }
            ),
        };

        float[] ForAll(float[] numbers) =>
            numbers.Length == channels ? numbers
            : numbers.Length == 1 ? [.. Enumerable.Repeat(numbers[0], channels)]
            : throw Invalid(text, FormattableString.Invariant($"one number or one for each of the {channels} channels of {shape}"));
    }

    private static (float[] Mean, float[] Deviation) Parse(string text) =>
        text.Split('/') is [var means, var deviations]
        && Numbers(means) is { } mean
        && Numbers(deviations) is { } deviation
        && deviation.All(value => value > 0)
            ? (mean, deviation)
            : throw Invalid(text, Expected);

    private static float[]? Numbers(string text)
    {
        float?[] numbers =
        [
            .. text.Split(',')
                .Select(part =>
                    float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number)
                        ? number
                        : (float?)null
                ),
        ];
        return Array.Exists(numbers, number => number is null) ? null : [.. numbers.Select(number => number!.Value)];
    }

    private static SubpException Invalid(string found, string expected) =>
        new(DiagnosticDescriptors.Usage, Name, $"'{found}'", expected, "Deviations are above 0.");
}

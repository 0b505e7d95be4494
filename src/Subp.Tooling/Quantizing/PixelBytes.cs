using Subp.Compression.Quantizing;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Tooling.Quantizing;

/// <summary>
/// How a network takes pixels from 0 to 255 under the normalisation that it names: (pixel / 255 - mean) / deviation. Where that is the same
/// for all channels, a byte stands for a number, with the mean rounded to a whole pixel, so that 0 is one. Else, and where no pixel is 0,
/// the first layer makes bytes of pixels.
/// </summary>
internal static class PixelBytes
{
    /// <summary>The option of the command line that names inputs.</summary>
    public const string NamesOption = "--pixel-input";

    /// <summary>Options with what pixels are.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">The other options.</param>
    /// <param name="names">The inputs that are pixels; the one input of the network where none is named.</param>
    /// <exception cref="SubpException">SUBP0801: an input is not known. SUBP0282: the network names no normalisation, its inputs are not
    /// what one is for, or it has several and none is named.</exception>
    public static Int8Options Of(Graph graph, Int8Options options, params IReadOnlyCollection<string> names)
    {
        var known = string.Join(", ", graph.Inputs.Select(input => $"'{input.Name}'"));
        if (names.FirstOrDefault(name => graph.Inputs.All(input => input.Name != name)) is { } unknown)
            throw new SubpException(DiagnosticDescriptors.Usage, NamesOption, $"'{unknown}'", $"inputs of the network: {known}");
        if (names.Count == 0 && graph.Inputs.Count > 1)
            throw new SubpException(
                DiagnosticDescriptors.PixelsAreNotBytes,
                $"network '{graph.Name}'",
                FormattableString.Invariant($"{graph.Inputs.Count} inputs, {known}"),
                "the names of those that are pixels",
                $"Name them with {NamesOption}; the others take floats."
            );
        GraphInput[] inputs = [.. graph.Inputs.Where(input => names.Count == 0 || names.Contains(input.Name))];
        options = options with { PixelInputs = names.Count == 0 ? null : [.. inputs.Select(input => input.Name)] };
        var (means, deviations) = (graph.Metadata.NormalizationMean, graph.Metadata.NormalizationDeviation);
        if (means.Count == 0)
            throw Refused(inputs[0].Name, "no normalisation of pixels", "the mean and the deviation of each channel");
        if (deviations.Count != means.Count || !deviations.All(IsUsable))
            throw Refused(
                graph.Inputs[0].Name,
                FormattableString.Invariant($"the deviations {string.Join(", ", deviations)} of {means.Count} channels"),
                "one above 0 for each channel"
            );
        if (inputs.FirstOrDefault(input => !IntegerForm.IsConvertible(input.Shape)) is { } other)
            throw Refused(other.Name, $"the shape {other.Shape}", "an image or a vector");
        if (means.Distinct().Count() == 1 && deviations.Distinct().Count() == 1)
        {
            var (scale, zeroPoint) = (1 / (255.0 * deviations[0]), Math.Round(255.0 * means[0], MidpointRounding.ToEven));
            if (zeroPoint is >= 0 and <= byte.MaxValue)
                return options with { InputQuantization = new Quantization((float)scale, (int)zeroPoint) };
        }

        if (inputs.FirstOrDefault(input => !input.Shape.IsImage || input.Shape.Channels != means.Count) is { } odd)
            throw Refused(
                odd.Name,
                FormattableString.Invariant($"the shape {odd.Shape} and the normalisation of {means.Count} channels"),
                "an image of as many channels, or one normalisation with a mean from 0 to 1"
            );
        return options with
        {
            Pixels = new PixelNormalization { Means = means, Deviations = deviations },
        };
    }

    private static bool IsUsable(float deviation) => Quantization.IsScale(deviation) && Quantization.IsScale(1 / (255 * deviation));

    private static SubpException Refused(string input, string found, string expected) =>
        new(
            DiagnosticDescriptors.PixelsAreNotBytes,
            $"input '{input}'",
            found,
            expected,
            "Say how the network wants its pixels with --normalize, or leave --pixels out: it then takes normalised floats and makes bytes "
                + "of them."
        );
}

using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Tooling.Quantizing;

/// <summary>
/// What a pixel from 0 to 255 stands for under the normalisation that a network names: (pixel / 255 - mean) / deviation, with the mean
/// rounded to a whole pixel, so that 0 is one.
/// </summary>
internal static class PixelBytes
{
    /// <summary>The quantisation of pixels.</summary>
    /// <exception cref="SubpException">SUBP0282: the network names no normalisation that is the same for all channels.</exception>
    public static Quantization Of(Graph graph)
    {
        var (means, deviations) = (graph.Metadata.NormalizationMean, graph.Metadata.NormalizationDeviation);
        if (means.Count == 0 || means.Distinct().Count() > 1 || deviations.Distinct().Count() > 1)
            throw Refused(
                graph,
                means.Count == 0 ? "no normalisation of pixels" : "another normalisation for each channel",
                "one mean and one deviation for all channels"
            );
        if (graph.Inputs.FirstOrDefault(input => !IntegerForm.IsConvertible(input.Shape)) is { } other)
            throw Refused(graph, $"the input '{other.Name}' of shape {other.Shape}", "images or vectors");
        var (scale, zeroPoint) = (1 / (255.0 * deviations[0]), Math.Round(255.0 * means[0], MidpointRounding.ToEven));
        if (zeroPoint is < 0 or > byte.MaxValue || !Quantization.IsScale((float)scale))
            throw Refused(
                graph,
                FormattableString.Invariant($"the mean {means[0]} and the deviation {deviations[0]}"),
                "a mean from 0 to 1"
            );
        return new Quantization((float)scale, (int)zeroPoint);
    }

    private static SubpException Refused(Graph graph, string found, string expected) =>
        new(
            DiagnosticDescriptors.PixelsAreNotBytes,
            $"input '{graph.Inputs[0].Name}'",
            found,
            expected,
            "Leave --pixels out: the network then takes normalised floats and makes bytes of them."
        );
}

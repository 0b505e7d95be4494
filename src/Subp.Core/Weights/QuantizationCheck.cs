using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;

namespace Subp.Core.Weights;

/// <summary>
/// What must be true of the values of integer layers: scales that are scales, multipliers that single precision holds, and sums that fit
/// into 32 bits whatever the input is. The graph knows types and shapes only; so this runs where a bundle is written or read.
/// </summary>
public static class QuantizationCheck
{
    /// <summary>Checks every integer layer of a network.</summary>
    /// <param name="model">The network; weights are complete and have their shapes.</param>
    /// <param name="place">Where the weights come from, for messages.</param>
    /// <exception cref="SubpException">SUBP0307: a scale or a multiplier is out of range. SUBP0232: a sum could overflow.</exception>
    public static void Require(Model model, string place)
    {
        foreach (var layer in QuantizedLayer.All(model.Graph))
        {
            RequireScales(model.Weights[layer.WeightScale].Values, $"{place}, tensor '{layer.WeightScale}'", layer);
            var bias = layer.Bias is null ? null : model.Weights[layer.Bias].Integers;
            RequireSums(layer.Node, model.Weights[layer.Weight].SignedBytes, bias, layer.Input, place);
        }
    }

    private static void RequireScales(float[] scales, string place, QuantizedLayer layer)
    {
        for (var channel = 0; channel < scales.Length; channel++)
        {
            if (!Quantization.IsScale(scales[channel]))
                throw Broken(place, channel, $"the scale {FloatText.Format(scales[channel])}", "a finite number above 0");
            var multiplier = layer.Multiplier(scales[channel]);
            if (!Quantization.IsScale(multiplier))
                throw Broken(
                    place,
                    channel,
                    $"the multiplier {FloatText.Format(multiplier)} of input, weight and output scale",
                    "a finite number above 0"
                );
        }
    }

    private static void RequireSums(string node, sbyte[] weights, int[]? bias, Quantization input, string place)
    {
        long furthest = Math.Max(input.ZeroPoint, byte.MaxValue - input.ZeroPoint);
        var channels = bias?.Length ?? 0;
        var perOutput = channels == 0 ? 0 : weights.Length / channels;
        for (var channel = 0; channel < channels; channel++)
        {
            // Without a bias the number of summands alone is the proof, which type inference has made.
            long magnitude = 0;
            foreach (var weight in weights.AsSpan(channel * perOutput, perOutput))
                magnitude += Math.Abs((int)weight);
            var most = (magnitude * furthest) + Math.Abs((long)bias![channel]);
            if (most > int.MaxValue)
                throw new SubpException(
                    DiagnosticDescriptors.AccumulatorOverflow,
                    $"{place}, node '{node}'",
                    FormattableString.Invariant($"sums of up to {most} in output channel {channel}"),
                    FormattableString.Invariant($"at most {int.MaxValue}"),
                    "Leave the layer float (subp quantize --float), or give it a smaller bias."
                );
        }
    }

    private static SubpException Broken(string place, int channel, string found, string expected) =>
        new(
            DiagnosticDescriptors.WeightBreaksQuantization,
            place,
            FormattableString.Invariant($"{found} in output channel {channel}"),
            expected,
            "Quantise the network again."
        );
}

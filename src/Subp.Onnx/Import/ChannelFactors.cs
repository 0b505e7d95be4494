using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Onnx.Import;

/// <summary>What normalisations make of the results of a layer: x * multiplier + shift, for each channel.</summary>
/// <param name="Multipliers">One for each channel.</param>
/// <param name="Shifts">One for each channel.</param>
internal sealed record ChannelFactors(double[] Multipliers, double[] Shifts)
{
    /// <summary>The factors of a normalisation.</summary>
    public static ChannelFactors Of(BatchNorm norm, WeightSet weights)
    {
        var (scale, shift) = (weights[norm.Scale].Values, weights[norm.Shift].Values);
        var (mean, variance) = (weights[norm.Mean].Values, weights[norm.Variance].Values);
        var multipliers = new double[scale.Length];
        var shifts = new double[scale.Length];
        for (var channel = 0; channel < scale.Length; channel++)
        {
            multipliers[channel] = scale[channel] / Math.Sqrt(variance[channel] + (double)norm.Epsilon);
            shifts[channel] = shift[channel] - (mean[channel] * multipliers[channel]);
        }

        return new ChannelFactors(multipliers, shifts);
    }

    /// <summary>First these, then others.</summary>
    public ChannelFactors Then(ChannelFactors others) =>
        new(
            [.. Multipliers.Zip(others.Multipliers, (inner, outer) => inner * outer)],
            [.. Shifts.Select((shift, channel) => (shift * others.Multipliers[channel]) + others.Shifts[channel])]
        );
}

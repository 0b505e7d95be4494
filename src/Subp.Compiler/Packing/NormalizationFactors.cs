using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>A batch normalisation with stored statistics as what it is, x * multiplier + offset for each channel, in double.</summary>
/// <param name="Multipliers">scale / sqrt(variance + epsilon).</param>
/// <param name="Offsets">shift - mean * multiplier.</param>
internal readonly record struct NormalizationFactors(double[] Multipliers, double[] Offsets)
{
    /// <summary>The factors of a normalisation.</summary>
    /// <param name="normalization">The normalisation.</param>
    /// <param name="values">The values of a parameter.</param>
    public static NormalizationFactors Of(BatchNorm normalization, Func<string, WeightTensor> values)
    {
        var (scale, shift) = (values(normalization.Scale).Values, values(normalization.Shift).Values);
        var (mean, variance) = (values(normalization.Mean).Values, values(normalization.Variance).Values);
        var (multipliers, offsets) = (new double[scale.Length], new double[scale.Length]);
        for (var channel = 0; channel < scale.Length; channel++)
        {
            multipliers[channel] = scale[channel] / Math.Sqrt((double)variance[channel] + normalization.Epsilon);
            offsets[channel] = shift[channel] - (mean[channel] * multipliers[channel]);
        }

        return new NormalizationFactors(multipliers, offsets);
    }
}

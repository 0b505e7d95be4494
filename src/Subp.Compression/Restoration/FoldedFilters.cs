using Subp.Compression.Algebra;

namespace Subp.Compression.Restoration;

/// <summary>
/// A convolution and the batch normalisation behind it as one map: what is before the activation is F x + b, one row of F for each
/// channel.
/// </summary>
/// <param name="Filters">[channels, inputs x taps].</param>
/// <param name="Bias">[channels].</param>
internal sealed record FoldedFilters(Matrix Filters, double[] Bias)
{
    /// <summary>The number of channels.</summary>
    public int Channels => Filters.Rows;

    /// <summary>Folds a normalisation into raw filters.</summary>
    /// <param name="weights">[channels, inputs x taps].</param>
    /// <param name="scale">Gamma divided by the deviation, per channel.</param>
    /// <param name="shift">Beta, per channel.</param>
    /// <param name="mean">The running mean, per channel.</param>
    public static FoldedFilters Fold(ReadOnlySpan<float> weights, double[] scale, double[] shift, double[] mean)
    {
        var channels = scale.Length;
        var filters = new Matrix(channels, weights.Length / channels);
        for (var index = 0; index < weights.Length; index++)
            filters.Values[index] = weights[index] * scale[index / filters.Columns];
        return new(filters, [.. shift.Select((value, channel) => value - (scale[channel] * mean[channel]))]);
    }
}

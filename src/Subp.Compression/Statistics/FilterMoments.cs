using Subp.Compression.Algebra;

namespace Subp.Compression.Statistics;

/// <summary>What filters make of their input.</summary>
/// <param name="Mean">The mean of each output, without a bias.</param>
/// <param name="Variance">The variance of each output.</param>
internal readonly record struct FilterMoments(double[] Mean, double[] Variance)
{
    /// <summary>From the moments of channels, neighbouring taps correlated by one law.</summary>
    /// <param name="filters">The filters.</param>
    /// <param name="input">The moments of their input.</param>
    /// <param name="tapCorrelation">[taps, taps].</param>
    public static FilterMoments Of(FilterBank filters, ChannelMoments input, Matrix tapCorrelation) =>
        new(filters.Mean(input.Mean), filters.Variance(input.Covariance, tapCorrelation));
}

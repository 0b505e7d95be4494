using Subp.Compression.Algebra;

namespace Subp.Compression.Statistics;

/// <summary>
/// The statistics of a batch normalisation after the weights before it were changed, without data: the mean moves by what the change adds
/// on average, the variance by the ratio of what the filters let through.
/// </summary>
internal static class BatchNormEstimate
{
    // A filter that let nothing through before has no ratio.
    private const double SmallestVariance = 1e-12;

    /// <summary>The new mean and variance of each output.</summary>
    /// <param name="mean">The running mean before.</param>
    /// <param name="variance">The running variance before.</param>
    /// <param name="before">The filters before.</param>
    /// <param name="after">The filters now.</param>
    /// <param name="input">The moments of the input of the filters.</param>
    /// <param name="tapCorrelation">[taps, taps].</param>
    public static (double[] Mean, double[] Variance) Update(
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance,
        FilterBank before,
        FilterBank after,
        ChannelMoments input,
        Matrix tapCorrelation
    )
    {
        double[] meanBefore = before.Mean(input.Mean),
            meanAfter = after.Mean(input.Mean),
            varianceBefore = before.Variance(input.Covariance, tapCorrelation),
            varianceAfter = after.Variance(input.Covariance, tapCorrelation);
        var means = new double[before.Outputs];
        var variances = new double[before.Outputs];
        for (var output = 0; output < before.Outputs; output++)
        {
            means[output] = mean[output] + (meanAfter[output] - meanBefore[output]);
            variances[output] =
                varianceBefore[output] > SmallestVariance
                    ? variance[output] * varianceAfter[output] / varianceBefore[output]
                    : variance[output];
        }

        return (means, variances);
    }
}

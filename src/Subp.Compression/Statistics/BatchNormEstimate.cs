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
    /// <param name="before">What the filters made of their input before.</param>
    /// <param name="after">What they make of it now.</param>
    public static (double[] Mean, double[] Variance) Update(
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance,
        FilterMoments before,
        FilterMoments after
    )
    {
        var means = new double[mean.Length];
        for (var output = 0; output < means.Length; output++)
            means[output] = mean[output] + (after.Mean[output] - before.Mean[output]);
        return (means, Variances(variance, before.Variance, after.Variance));
    }

    /// <summary>The new variance of each output.</summary>
    /// <param name="variance">The running variance before.</param>
    /// <param name="before">The variance of what the filters let through before.</param>
    /// <param name="after">The same now.</param>
    public static double[] Variances(ReadOnlySpan<float> variance, double[] before, double[] after)
    {
        var variances = new double[variance.Length];
        for (var output = 0; output < variances.Length; output++)
        {
            variances[output] = before[output] > SmallestVariance ? variance[output] * after[output] / before[output] : variance[output];
        }

        return variances;
    }
}

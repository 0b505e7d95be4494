namespace Subp.Tooling.Tuning;

/// <summary>Quantiles of a few samples; between two neighbours they are interpolated.</summary>
internal static class Samples
{
    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> samples) => At([.. samples.Order()], 0.5);

    /// <summary>Half the distance between the highest and the lowest tenth.</summary>
    public static double Spread(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return (At(sorted, 0.9) - At(sorted, 0.1)) / 2;
    }

    private static double At(double[] sorted, double quantile)
    {
        var position = quantile * (sorted.Length - 1);
        var below = (int)position;
        return sorted[below] + ((sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]) * (position - below));
    }
}

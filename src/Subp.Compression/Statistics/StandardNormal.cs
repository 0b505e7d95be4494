namespace Subp.Compression.Statistics;

/// <summary>The normal distribution of mean 0 and deviation 1, alone and in pairs, to the precision of a double.</summary>
internal static class StandardNormal
{
    /// <summary>Beyond this correlation a pair is taken as if it had this one: its density is not finite at 1.</summary>
    public const double LargestCorrelation = 0.999999;

    private const double SeriesEnd = 3;
    private static readonly (double Node, double Weight)[] s_rule = GaussLegendre.Rule(24);

    /// <summary>The density at x.</summary>
    public static double Density(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    /// <summary>The probability of a value below x.</summary>
    public static double Cumulative(double x) =>
        Math.Abs(x) < SeriesEnd ? 0.5 + Centre(x)
        : x > 0 ? 1 - Tail(x)
        : Tail(-x);

    /// <summary>The probability that the first of a pair is below h and the second below k.</summary>
    /// <param name="h">The bound of the first.</param>
    /// <param name="k">The bound of the second.</param>
    /// <param name="correlation">Their correlation, -1 to 1.</param>
    public static double Cumulative(double h, double k, double correlation)
    {
        // Drezner's integral over the angle: no kink and no cancellation, so 24 nodes are exact enough up to the largest correlation.
        var end = Math.Asin(Math.Clamp(correlation, -LargestCorrelation, LargestCorrelation));
        double sum = 0;
        if (end != 0)
        {
            foreach (var (node, weight) in s_rule)
            {
                var (sine, cosine) = Math.SinCos(end * (node + 1) / 2);
                sum += weight * Math.Exp(-((h * h) + (k * k) - (2 * h * k * sine)) / (2 * cosine * cosine));
            }
        }

        return (Cumulative(h) * Cumulative(k)) + (sum * end / (4 * Math.PI));
    }

    // The series of terms of one sign: x + x^3/3 + x^5/15 + ... times the density.
    private static double Centre(double x)
    {
        double term = x,
            sum = x;
        for (var n = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); n += 2)
        {
            term *= x * x / n;
            sum += term;
        }

        return sum * Density(x);
    }

    // The continued fraction 1/(x + 1/(x + 2/(x + 3/...))) from its far end; it converges fast where the series does not.
    private static double Tail(double x)
    {
        var fraction = x;
        for (var n = 60; n > 0; n--)
            fraction = x + (n / fraction);
        return Density(x) / fraction;
    }
}

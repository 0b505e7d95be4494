namespace Subp.Tooling.Benchmarking;

/// <summary>The times of one thing, in microseconds.</summary>
/// <param name="Median">The middle one.</param>
/// <param name="Low">One tenth are faster.</param>
/// <param name="High">One tenth are slower.</param>
/// <param name="Rounds">How many rounds were measured.</param>
internal readonly record struct Timing(double Median, double Low, double High, int Rounds)
{
    /// <summary>Half the distance between the slow and the fast tenth, as a share of the median.</summary>
    public double Spread => Median > 0 ? (High - Low) / 2 / Median : 0;

    /// <summary>Summarises one figure per round.</summary>
    public static Timing Of(IReadOnlyCollection<double> samples)
    {
        var sorted = samples.Order().ToArray();
        return sorted.Length == 0 ? default : new Timing(At(sorted, 0.5), At(sorted, 0.1), At(sorted, 0.9), sorted.Length);
    }

    // The quantile between two neighbours is interpolated.
    private static double At(double[] sorted, double quantile)
    {
        var position = quantile * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (position - below));
    }
}

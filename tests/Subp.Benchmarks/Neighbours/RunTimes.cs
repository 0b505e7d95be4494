namespace Subp.Benchmarks.Neighbours;

/// <summary>The times of many runs, in microseconds. The mean counts what single runs lost, which a median hides.</summary>
internal sealed record RunTimes(double Mean, double Median, double Percentile99)
{
    /// <summary>Sums times up.</summary>
    public static RunTimes Of(IReadOnlyList<double> microseconds)
    {
        var sorted = microseconds.Order().ToArray();
        return new RunTimes(sorted.Average(), sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }
}

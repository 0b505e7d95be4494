namespace Subp.Benchmarks.Peers.Zeros;

/// <summary>The straight line through points that has the least squared distances.</summary>
/// <param name="Intercept">Its value at 0.</param>
/// <param name="Slope">How much it rises by 1.</param>
/// <param name="Determination">R squared: the share of the variance that it explains, 1 where every point lies on it.</param>
internal readonly record struct StraightLine(double Intercept, double Slope, double Determination)
{
    /// <summary>The line through at least two points of different places.</summary>
    public static StraightLine Through(IReadOnlyList<(double X, double Y)> points)
    {
        var (meanX, meanY) = (points.Average(point => point.X), points.Average(point => point.Y));
        var slope = points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / points.Sum(point => (point.X - meanX) * (point.X - meanX));
        var intercept = meanY - (slope * meanX);
        var rest = points.Sum(point => Math.Pow(point.Y - intercept - (slope * point.X), 2));
        var all = points.Sum(point => Math.Pow(point.Y - meanY, 2));
        return new StraightLine(intercept, slope, all > 0 ? 1 - (rest / all) : 1);
    }
}

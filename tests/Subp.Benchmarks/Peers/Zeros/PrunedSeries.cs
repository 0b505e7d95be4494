namespace Subp.Benchmarks.Peers.Zeros;

/// <summary>One network or layer at one share of zeros.</summary>
/// <param name="Zeros">The share of pruned blocks that was asked for.</param>
/// <param name="Kept">Multiply-adds that are computed, as a share of those of the dense network.</param>
/// <param name="Microseconds">The fastest round.</param>
/// <param name="Median">The middle one.</param>
internal sealed record PrunedPoint(double Zeros, double Kept, double Microseconds, double Median);

/// <summary>A network or layer over all shares of zeros.</summary>
/// <param name="Title">What it is.</param>
/// <param name="DenseMicroseconds">The time of the layers that stay dense at every share, and of what multiplies nothing.</param>
/// <param name="DenseKept">The multiply-adds of those layers, as a share of all.</param>
/// <param name="Points">The points, fewest zeros first.</param>
internal sealed record PrunedSeries(string Title, double DenseMicroseconds, double DenseKept, IReadOnlyList<PrunedPoint> Points)
{
    /// <summary>The time without zeros.</summary>
    public double Whole => Points[0].Microseconds;

    /// <summary>
    /// The line through the points with zeros. The one without is left out: it has kernels for dense weights, of wider groups.
    /// </summary>
    public StraightLine Line => StraightLine.Through([.. Points.Skip(1).Select(point => (point.Kept, point.Microseconds))]);

    /// <summary>
    /// What would be left if every block were pruned, beyond the layers that stay dense, as a share of the time without zeros.
    /// </summary>
    public double Excess => (Line.Intercept + (Line.Slope * DenseKept) - DenseMicroseconds) / Whole;

    /// <summary>The largest distance of a point from the line, as a share of the time without zeros.</summary>
    public double LargestDistance
    {
        get
        {
            var line = Line;
            return Points.Skip(1).Max(point => Math.Abs(point.Microseconds - line.Intercept - (line.Slope * point.Kept))) / Whole;
        }
    }
}

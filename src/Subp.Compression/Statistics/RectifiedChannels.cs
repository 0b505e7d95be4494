namespace Subp.Compression.Statistics;

/// <summary>max(u, 0) of normal channels u: what every pair of them needs, computed once per channel.</summary>
internal sealed class RectifiedChannels
{
    private readonly double[] _deviation;
    private readonly double[] _bound;
    private readonly double[] _below;
    private readonly double[] _density;
    private readonly double[] _mean;

    /// <param name="mean">The means of u.</param>
    /// <param name="deviation">The deviations of u, above 0.</param>
    public RectifiedChannels(double[] mean, double[] deviation)
    {
        _deviation = deviation;
        _bound = [.. mean.Zip(deviation, (value, spread) => value / spread)];
        _below = [.. _bound.Select(StandardNormal.Cumulative)];
        _density = [.. _bound.Select(StandardNormal.Density)];
        _mean = [.. mean.Zip(deviation, (value, spread) => RectifiedNormal.Moments(value, spread).Mean)];
    }

    /// <summary>The covariance of a channel of these with one of others, whose u have the given correlation.</summary>
    public double Covariance(int channel, RectifiedChannels others, int other, double correlation)
    {
        double h = _bound[channel],
            k = others._bound[other],
            r = Math.Clamp(correlation, -StandardNormal.LargestCorrelation, StandardNormal.LargestCorrelation),
            q = Math.Sqrt(1 - (r * r));
        // Where a channel is always or never above zero, nothing has to be integrated.
        if (_below[channel] == 0 || others._below[other] == 0)
            return 0;
        if (_below[channel] == 1 && others._below[other] == 1)
            return r * _deviation[channel] * others._deviation[other];
        var across = (k - (r * h)) / q;
        var back = (h - (r * k)) / q;
        var product =
            (((h * k) + r) * StandardNormal.Cumulative(h, k, r))
            + (k * _density[channel] * StandardNormal.Cumulative(across))
            + (h * others._density[other] * StandardNormal.Cumulative(back))
            + (q * _density[channel] * StandardNormal.Density(across));
        return (product * _deviation[channel] * others._deviation[other]) - (_mean[channel] * others._mean[other]);
    }
}

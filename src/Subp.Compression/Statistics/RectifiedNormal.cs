using Subp.Compression.Algebra;

namespace Subp.Compression.Statistics;

/// <summary>
/// What a clamp leaves of normally distributed channels: means, variances and covariances in closed form. Quadrature over the kink of a
/// clamp would be wrong in the fourth digit.
/// </summary>
internal static class RectifiedNormal
{
    // A channel of no variance is a constant; with this deviation the formulas give the constant.
    private const double SmallestDeviation = 1e-9;

    /// <summary>The mean of max(u, 0) and of its square, for u of the given mean and deviation.</summary>
    public static (double Mean, double Square) Moments(double mean, double deviation)
    {
        deviation = Math.Max(Math.Abs(deviation), SmallestDeviation);
        var t = mean / deviation;
        double below = StandardNormal.Cumulative(t),
            density = StandardNormal.Density(t);
        return ((mean * below) + (deviation * density), (((mean * mean) + (deviation * deviation)) * below) + (mean * deviation * density));
    }

    /// <summary>The mean and variance of min(max(u, minimum), maximum), for u of the given mean and deviation.</summary>
    public static (double Mean, double Variance) Clamp(double mean, double deviation, double minimum, double maximum)
    {
        if (double.IsNegativeInfinity(minimum))
        {
            if (double.IsPositiveInfinity(maximum))
                return (mean, deviation * deviation);
            var (mirrored, square) = Moments(maximum - mean, deviation);
            return (maximum - mirrored, Variance(square, mirrored));
        }

        var (low, lowSquare) = Moments(mean - minimum, deviation);
        if (double.IsPositiveInfinity(maximum))
            return (minimum + low, Variance(lowSquare, low));
        // What is above the upper bound is taken off: f = relu(u) - relu(u - c), and relu(u) relu(u - c) = relu(u - c)^2 + c relu(u - c).
        var height = maximum - minimum;
        var (high, highSquare) = Moments(mean - maximum, deviation);
        return (minimum + low - high, Variance(lowSquare - highSquare - (2 * height * high), low - high));
    }

    /// <summary>The moments of channels after a clamp.</summary>
    /// <param name="before">The channels before it, taken as jointly normal.</param>
    /// <param name="minimum">The lower bound, perhaps negative infinity.</param>
    /// <param name="maximum">The upper bound, perhaps infinity.</param>
    public static ChannelMoments Clamp(ChannelMoments before, double minimum, double maximum)
    {
        if (double.IsNegativeInfinity(minimum) && double.IsPositiveInfinity(maximum))
            return before;
        int channels = before.Channels;
        var deviation = new double[channels];
        var mean = new double[channels];
        var covariance = new Matrix(channels, channels);
        for (var channel = 0; channel < channels; channel++)
        {
            deviation[channel] = Math.Max(Math.Sqrt(Math.Max(before.Covariance[channel, channel], 0)), SmallestDeviation);
            (mean[channel], covariance[channel, channel]) = Clamp(before.Mean[channel], deviation[channel], minimum, maximum);
        }

        var terms = Terms(before.Mean, deviation, minimum, maximum);
        Parallel.For(
            0,
            channels,
            first =>
            {
                for (var second = 0; second < first; second++)
                {
                    var correlation = before.Covariance[first, second] / (deviation[first] * deviation[second]);
                    if (correlation == 0)
                        continue;
                    double sum = 0;
                    foreach (var (sign, part) in terms)
                    {
                        foreach (var (otherSign, otherPart) in terms)
                            sum += sign * otherSign * part.Covariance(first, otherPart, second, correlation);
                    }

                    covariance[first, second] = covariance[second, first] = sum;
                }
            }
        );
        return before with { Mean = mean, Covariance = covariance };
    }

    private static double Variance(double square, double mean) => Math.Max(square - (mean * mean), 0);

    // A clamp as a sum of rectified normals. Mirroring changes the sign of both channels of a pair, which leaves covariances as they are.
    private static (int Sign, RectifiedChannels Part)[] Terms(double[] mean, double[] deviation, double minimum, double maximum) =>
        double.IsNegativeInfinity(minimum) ? [(1, new([.. mean.Select(value => maximum - value)], deviation))]
        : double.IsPositiveInfinity(maximum) ? [(1, new([.. mean.Select(value => value - minimum)], deviation))]
        :
        [
            (1, new([.. mean.Select(value => value - minimum)], deviation)),
            (-1, new([.. mean.Select(value => value - maximum)], deviation)),
        ];
}

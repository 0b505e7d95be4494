using Subp.Compression.Algebra;

namespace Subp.Compression.Statistics;

/// <summary>
/// What a smooth function leaves of normally distributed channels, by its expansion in Hermite polynomials: with c[n] the mean of
/// f(u) He_n, the covariance of two channels is the sum over n of c[n] c'[n] r^n / n!, which no pair needs an integral for.
/// </summary>
internal static class SmoothNormal
{
    private const int Degree = 12;
    private const double Reach = 8;
    private const int Points = 161;

    /// <summary>The moments of channels after a function.</summary>
    /// <param name="before">The channels before it, taken as jointly normal.</param>
    /// <param name="function">The function.</param>
    public static ChannelMoments Apply(ChannelMoments before, Func<double, double> function)
    {
        var channels = before.Channels;
        var mean = new double[channels];
        var variance = new double[channels];
        var deviation = new double[channels];
        var coefficients = new double[channels][];
        for (var channel = 0; channel < channels; channel++)
        {
            deviation[channel] = Math.Sqrt(Math.Max(before.Covariance[channel, channel], 0));
            (coefficients[channel], var square) = Expand(function, before.Mean[channel], deviation[channel]);
            mean[channel] = coefficients[channel][0];
            variance[channel] = Math.Max(square - (mean[channel] * mean[channel]), 0);
        }

        var covariance = Matrix.Diagonal(variance);
        for (var first = 0; first < channels; first++)
        {
            for (var second = 0; second < first; second++)
            {
                var spread = deviation[first] * deviation[second];
                if (spread == 0)
                    continue;
                var correlation = Math.Clamp(before.Covariance[first, second] / spread, -1, 1);
                double power = 1,
                    sum = 0;
                for (var n = 1; n < Degree; n++)
                {
                    power *= correlation / n;
                    sum += coefficients[first][n] * coefficients[second][n] * power;
                }

                covariance[first, second] = covariance[second, first] = sum;
            }
        }

        return before with
        {
            Mean = mean,
            Covariance = covariance,
        };
    }

    // The trapezoidal rule converges faster than any power for a smooth function under the bell.
    private static (double[] Coefficients, double Square) Expand(Func<double, double> function, double mean, double deviation)
    {
        var coefficients = new double[Degree];
        double square = 0;
        const double Step = 2 * Reach / (Points - 1);
        for (var point = 0; point < Points; point++)
        {
            var x = -Reach + (point * Step);
            var weight = StandardNormal.Density(x) * Step;
            var value = function(mean + (deviation * x));
            square += weight * value * value;
            double previous = 0,
                polynomial = 1;
            for (var n = 0; n < Degree; n++)
            {
                coefficients[n] += weight * value * polynomial;
                (previous, polynomial) = (polynomial, (x * polynomial) - (n * previous));
            }
        }

        return (coefficients, square);
    }
}

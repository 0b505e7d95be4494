using Subp.Compression.Algebra;
using Subp.Compression.Statistics;

namespace Subp.Compression.Tests.Statistics;

/// <summary>The channels of the published vectors, and a plain integral to hold closed forms against.</summary>
internal static class NumberVectors
{
    public static ChannelMoments ThreeChannels()
    {
        double[] mean = [0.3, -0.2, 0.5],
            deviation = [1, 0.8, 1.2];
        var correlation = NumberAssert.Matrix([1, 0.6, -0.3], [0.6, 1, 0.2], [-0.3, 0.2, 1]);
        var covariance = new Matrix(3, 3);
        for (var row = 0; row < 3; row++)
        {
            for (var column = 0; column < 3; column++)
                covariance[row, column] = correlation[row, column] * deviation[row] * deviation[column];
        }

        return new ChannelMoments(mean, covariance);
    }

    /// <summary>Means and covariance of a function of two channels, summed over a fine grid under their density.</summary>
    public static ((double First, double Second) Means, double Covariance) Integrate(
        ChannelMoments moments,
        int first,
        int second,
        Func<double, double> function
    )
    {
        const int Points = 1801;
        const double Reach = 9,
            Step = 2 * Reach / (Points - 1);
        double firstDeviation = Math.Sqrt(moments.Covariance[first, first]),
            secondDeviation = Math.Sqrt(moments.Covariance[second, second]),
            correlation = moments.Covariance[first, second] / (firstDeviation * secondDeviation),
            rest = Math.Sqrt(1 - (correlation * correlation));
        double[] grid = [.. Enumerable.Range(0, Points).Select(index => -Reach + (index * Step))];
        double[] weights = [.. grid.Select(x => StandardNormal.Density(x) * Step)];
        double meanFirst = 0,
            meanSecond = 0,
            product = 0;
        for (var row = 0; row < Points; row++)
        {
            var left = function(moments.Mean[first] + (firstDeviation * grid[row]));
            meanFirst += weights[row] * left;
            meanSecond += weights[row] * function(moments.Mean[second] + (secondDeviation * grid[row]));
            double inner = 0;
            for (var column = 0; column < Points; column++)
                inner +=
                    weights[column]
                    * function(moments.Mean[second] + (secondDeviation * ((correlation * grid[row]) + (rest * grid[column]))));
            product += weights[row] * left * inner;
        }

        return ((meanFirst, meanSecond), product - (meanFirst * meanSecond));
    }
}

using Subp.Compression.Algebra;
using Subp.Core.Operators;

namespace Subp.Compression.Statistics;

/// <summary>How the taps of a kernel see the same channel: correlated by a base to the power of their distance in pixels.</summary>
internal static class TapCorrelation
{
    /// <summary>The bases that a fit tries.</summary>
    public static IReadOnlyList<double> Candidates { get; } = [.. Enumerable.Range(0, 20).Select(step => step * 0.05)];

    /// <summary>[taps, taps] of a kernel, rows before columns.</summary>
    public static Matrix Of(Extent kernel, Extent dilation, double correlation)
    {
        var taps = kernel.Height * kernel.Width;
        var result = new Matrix(taps, taps);
        for (var first = 0; first < taps; first++)
        {
            for (var second = 0; second < taps; second++)
            {
                double rows = ((first / kernel.Width) - (second / kernel.Width)) * dilation.Height,
                    columns = ((first % kernel.Width) - (second % kernel.Width)) * dilation.Width;
                result[first, second] = first == second ? 1 : Math.Pow(correlation, Math.Sqrt((rows * rows) + (columns * columns)));
            }
        }

        return result;
    }

    /// <summary>The share of a channel's variance that is left in the mean of a window.</summary>
    public static double OfMean(Extent window, double correlation)
    {
        // By differences: a window of a whole image has too many pairs to list, but few differences.
        double sum = 0;
        for (var row = 1 - window.Height; row < window.Height; row++)
        {
            for (var column = 1 - window.Width; column < window.Width; column++)
            {
                double pairs = (window.Height - Math.Abs(row)) * (double)(window.Width - Math.Abs(column));
                var distance = Math.Sqrt((row * row) + (column * column));
                sum += pairs * (distance == 0 ? 1 : Math.Pow(correlation, distance));
            }
        }

        double taps = (double)window.Height * window.Width;
        return sum / (taps * taps);
    }
}

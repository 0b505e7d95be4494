namespace Subp.Compression.Quantizing;

/// <summary>Chooses the range of a value from all numbers that it takes.</summary>
internal static class MeasuredRange
{
    private const int Bins = 2048;
    private const int Levels = 128;
    private const int ClipPoints = 100;
    private const double KeptShare = 0.9999;

    /// <summary>The range of a value by a method.</summary>
    /// <param name="values">The value for every input.</param>
    /// <param name="method">The method.</param>
    public static ValueRange Of(IReadOnlyList<float[]> values, RangeMethod method)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var array in values)
        {
            foreach (var value in array)
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        var whole = new ValueRange(low, high);
        if (method == RangeMethod.MinMax || whole.IsEmpty)
            return whole;
        var reach = Math.Max(Math.Abs(low), Math.Abs(high));
        var histogram = Histogram(values, reach);
        var clip =
            reach
            * (
                method switch
                {
                    RangeMethod.Percentile => Percentile(histogram),
                    RangeMethod.MeanSquare => MeanSquare(histogram, low < 0 && high > 0 ? 2 : 1),
                    _ => Entropy(histogram),
                }
            );
        return whole.Clamp(-clip, clip);
    }

    // Of magnitudes, from 0 to the largest. Zeros are left out: they are a byte of their own whatever the range is, and behind a ReLU they
    // are so many that nothing else would count.
    private static double[] Histogram(IReadOnlyList<float[]> values, double reach)
    {
        var histogram = new double[Bins];
        foreach (var array in values)
        {
            foreach (var value in array)
            {
                if (value != 0)
                    histogram[Math.Min(Bins - 1, (int)(Math.Abs(value) / reach * Bins))]++;
            }
        }

        return histogram;
    }

    private static double Percentile(double[] histogram)
    {
        double wanted = histogram.Sum() * KeptShare,
            seen = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            seen += histogram[bin];
            if (seen >= wanted)
                return (bin + 1.0) / Bins;
        }

        return 1;
    }

    // Numbers of both signs share the levels, so that their steps are twice as wide.
    private static double MeanSquare(double[] histogram, int signs)
    {
        var (best, least) = (1.0, double.PositiveInfinity);
        for (var point = 1; point <= ClipPoints; point++)
        {
            var clip = (double)point / ClipPoints;
            var step = signs * clip / byte.MaxValue;
            double error = 0;
            for (var bin = 0; bin < Bins; bin++)
            {
                var middle = (bin + 0.5) / Bins;
                // Rounding to steps has the variance step^2 / 12; what lies outside is off by its distance.
                error += histogram[bin] * (middle <= clip ? step * step / 12 : (middle - clip) * (middle - clip));
            }

            if (error <= least)
                (best, least) = (clip, error);
        }

        return best;
    }

    // The first bins as they are, with all that lies behind them in the last, against the same bins merged into levels.
    private static double Entropy(double[] histogram)
    {
        var (best, least) = (Bins, double.PositiveInfinity);
        for (var count = Levels; count <= Bins; count++)
        {
            var divergence = Divergence(histogram, count);
            if (divergence < least)
                (best, least) = (count, divergence);
        }

        return (double)best / Bins;
    }

    private static double Divergence(double[] histogram, int count)
    {
        double outside = 0;
        for (var bin = count; bin < Bins; bin++)
            outside += histogram[bin];
        double total = histogram.Sum(),
            inside = total - outside,
            divergence = 0;
        if (inside <= 0)
            return double.PositiveInfinity;
        for (var level = 0; level < Levels; level++)
        {
            int first = level * count / Levels,
                end = (level + 1) * count / Levels;
            double sum = 0;
            var filled = 0;
            for (var bin = first; bin < end; bin++)
            {
                sum += histogram[bin];
                filled += histogram[bin] > 0 ? 1 : 0;
            }

            for (var bin = first; bin < end; bin++)
            {
                var reference = (histogram[bin] + (bin == count - 1 ? outside : 0)) / total;
                if (reference <= 0)
                    continue;
                // A last bin that only the rest fills has no share of its level: a small one keeps the divergence finite.
                var share = filled > 0 && histogram[bin] > 0 ? sum / filled / inside : 1e-9;
                divergence += reference * Math.Log(reference / share);
            }
        }

        return divergence;
    }
}

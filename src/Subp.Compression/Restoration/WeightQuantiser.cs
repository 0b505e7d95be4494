using Subp.Compression.Algebra;

namespace Subp.Compression.Restoration;

/// <summary>Rounds filters, one row for each output channel, to few values.</summary>
internal static class WeightQuantiser
{
    private const double TernaryThreshold = 0.7;

    /// <summary>
    /// Zero and one number with both signs, as in ternary weight networks: what is at most 0.7 of the mean magnitude is zero, all else the
    /// mean magnitude of what is not.
    /// </summary>
    /// <param name="filters">[channels, weights].</param>
    /// <param name="perLayer">One threshold and one number for all rows, in place of one for each.</param>
    public static Matrix Ternary(Matrix filters, bool perLayer = false)
    {
        var result = new Matrix(filters.Rows, filters.Columns);
        var length = perLayer ? filters.Values.Length : filters.Columns;
        for (var start = 0; start < filters.Values.Length; start += length)
        {
            var row = filters.Values.AsSpan(start, length);
            double sum = 0;
            foreach (var value in row)
                sum += Math.Abs(value);
            var threshold = TernaryThreshold * sum / length;
            double kept = 0;
            var count = 0;
            foreach (var value in row)
            {
                if (Math.Abs(value) > threshold)
                    (kept, count) = (kept + Math.Abs(value), count + 1);
            }

            for (var index = 0; index < length; index++)
                result.Values[start + index] = Math.Abs(row[index]) > threshold ? Math.Sign(row[index]) * kept / count : 0;
        }

        return result;
    }

    /// <summary>Whole multiples of a step, from -(2^(bits - 1) - 1) to the same above zero; every row has its own step.</summary>
    /// <param name="filters">[channels, weights].</param>
    /// <param name="bits">2 to 16.</param>
    public static Matrix Uniform(Matrix filters, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 16);
        double largest = (1 << (bits - 1)) - 1;
        var result = new Matrix(filters.Rows, filters.Columns);
        for (var row = 0; row < filters.Rows; row++)
        {
            double reach = 0;
            foreach (var value in filters.Row(row))
                reach = Math.Max(reach, Math.Abs(value));
            var step = reach > 0 ? reach / largest : 1;
            for (var column = 0; column < filters.Columns; column++)
                result[row, column] =
                    Math.Clamp(Math.Round(filters[row, column] / step, MidpointRounding.ToEven), -largest, largest) * step;
        }

        return result;
    }
}

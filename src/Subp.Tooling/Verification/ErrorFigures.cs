namespace Subp.Tooling.Verification;

/// <summary>
/// How far numbers are from those of a reference. A number that is not finite where the reference is, or the other way round, is infinitely
/// far.
/// </summary>
/// <param name="Absolute">The largest difference.</param>
/// <param name="Relative">The largest difference, relative to the largest finite number of the reference; absolute where that holds zeros
/// only.</param>
/// <param name="Ulps">The largest number of floats between a number and that of the reference; large near zero, where floats are
/// dense.</param>
/// <param name="Cosine">The cosine of the angle between the two as vectors of the numbers that are finite in both; 1 where both are
/// zero.</param>
/// <param name="Worst">The element with the largest difference.</param>
internal readonly record struct ErrorFigures(double Absolute, double Relative, double Ulps, double Cosine, int Worst)
{
    /// <summary>Nothing compared yet.</summary>
    public static readonly ErrorFigures None = new(0, 0, 0, 1, 0);

    /// <summary>Compares two lists of numbers.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static ErrorFigures Between(ReadOnlySpan<float> found, ReadOnlySpan<float> expected)
    {
        if (found.Length != expected.Length)
            throw new ArgumentException($"{found.Length} numbers and {expected.Length}.");
        double largest = 0,
            absolute = 0,
            ulps = 0,
            product = 0,
            foundSquares = 0,
            expectedSquares = 0;
        var worst = 0;
        for (var index = 0; index < found.Length; index++)
        {
            double left = found[index],
                right = expected[index];
            // The same infinity, or no number on both sides: equal, and no scale for the others.
            if (left.Equals(right) && !double.IsFinite(right))
                continue;
            var difference = Math.Abs(left - right);
            if (double.IsNaN(difference))
                difference = double.PositiveInfinity;
            if (difference > absolute)
                (absolute, worst) = (difference, index);
            ulps = Math.Max(
                ulps,
                double.IsFinite(difference) ? Math.Abs(Place(found[index]) - Place(expected[index])) : double.PositiveInfinity
            );
            if (!double.IsFinite(left) || !double.IsFinite(right))
                continue;
            largest = Math.Max(largest, Math.Abs(right));
            product += left * right;
            foundSquares += left * left;
            expectedSquares += right * right;
        }

        var scale = foundSquares == 0 && expectedSquares == 0 ? 1 : Math.Sqrt(foundSquares) * Math.Sqrt(expectedSquares);
        var cosine =
            foundSquares == 0 && expectedSquares == 0 ? 1
            : scale > 0 ? product / scale
            : 0;
        return new ErrorFigures(absolute, Ratio(absolute, largest), ulps, Math.Min(cosine, 1), worst);
    }

    /// <summary>The worse of each figure; the worst element is that of the larger relative difference.</summary>
    public ErrorFigures Or(ErrorFigures other) =>
        new(
            Math.Max(Absolute, other.Absolute),
            Math.Max(Relative, other.Relative),
            Math.Max(Ulps, other.Ulps),
            Math.Min(Cosine, other.Cosine),
            other.Relative > Relative ? other.Worst : Worst
        );

    // A reference of zeros only has no scale of its own.
    private static double Ratio(double absolute, double largest) =>
        !double.IsFinite(absolute) ? double.PositiveInfinity : absolute / (largest > 0 ? largest : 1);

    // Floats in their order are numbered without gaps; both zeros have the same number.
    private static long Place(float value)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        return bits >= 0 ? bits : (long)int.MinValue - bits;
    }
}

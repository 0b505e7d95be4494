using Subp.Compression.Algebra;

namespace Subp.Compression.Tests;

/// <summary>Compares numbers to the digits in which they are written down.</summary>
internal static class NumberAssert
{
    public static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> found, double tolerance = 6e-7)
    {
        Assert.Equal(expected.Count, found.Count);
        for (var index = 0; index < expected.Count; index++)
            Assert.True(
                Math.Abs(expected[index] - found[index]) <= tolerance,
                FormattableString.Invariant($"{found[index]:F9} at {index} instead of {expected[index]}")
            );
    }

    public static void Near(double[][] expected, Matrix found, double tolerance = 6e-7)
    {
        Assert.Equal(expected.Length, found.Rows);
        for (var row = 0; row < expected.Length; row++)
            Near(expected[row], found.Row(row).ToArray(), tolerance);
    }

    public static Matrix Matrix(params double[][] rows) => new(rows.Length, rows[0].Length, [.. rows.SelectMany(row => row)]);
}

namespace Subp.Tooling.Verification.SpecialValues;

/// <summary>
/// What became of the elements of one layer. A NaN must meet a NaN and an infinity the same infinity; numbers are within the tolerance.
/// </summary>
/// <param name="NaN">Elements that are NaN on both sides.</param>
/// <param name="Infinite">Elements that are the same infinity on both sides.</param>
/// <param name="Numbers">Numbers that agree.</param>
/// <param name="Spread">Elements that were not compared: the kernel may carry an infinity or a NaN to them, as is documented.</param>
/// <param name="Overflow">Elements that were not compared: a sum with one of the largest floats may overflow on its way.</param>
/// <param name="Wrong">Elements that do not agree.</param>
/// <param name="First">The first of them, or -1.</param>
/// <param name="Found">What it is.</param>
/// <param name="Expected">What it should be.</param>
internal readonly record struct SpecialComparison(
    long NaN,
    long Infinite,
    long Numbers,
    long Spread,
    long Overflow,
    long Wrong,
    int First,
    float Found,
    float Expected
)
{
    /// <summary>Nothing compared yet.</summary>
    public static readonly SpecialComparison None = new(0, 0, 0, 0, 0, 0, -1, 0, 0);

    /// <summary>Compares the value of a layer.</summary>
    /// <param name="found">What the compiled layer gave.</param>
    /// <param name="expected">What the reference makes of the same inputs.</param>
    /// <param name="limits">What is known of each element.</param>
    /// <param name="tolerance">The largest difference of two numbers, relative to the largest number that is compared.</param>
    public static SpecialComparison Between(float[] found, float[] expected, LayerLimits limits, double tolerance)
    {
        var largest = 0.0;
        for (var index = 0; index < expected.Length; index++)
        {
            if (Math.Abs(expected[index]) < LayerLimits.Huge && limits.IsCompared(index))
                largest = Math.Max(largest, Math.Abs(expected[index]));
        }

        var result = None;
        for (var index = 0; index < expected.Length; index++)
        {
            var (wanted, got) = (expected[index], found[index]);
            if (limits.MustBeNaN(index))
                wanted = float.NaN;
            else if (limits.MayBeSpread(index))
            {
                result = result with { Spread = result.Spread + 1 };
                continue;
            }
            else if (limits.MayOverflow(index))
            {
                result = result with { Overflow = result.Overflow + 1 };
                continue;
            }

            var agrees = float.IsFinite(wanted)
                ? Math.Abs((double)wanted - got) <= tolerance * Math.Max(largest, Math.Abs((double)wanted))
                : wanted.Equals(got);
            if (!agrees)
                result = result with
                {
                    Wrong = result.Wrong + 1,
                    First = result.First < 0 ? index : result.First,
                    Found = result.First < 0 ? got : result.Found,
                    Expected = result.First < 0 ? wanted : result.Expected,
                };
            else if (float.IsNaN(wanted))
                result = result with { NaN = result.NaN + 1 };
            else if (float.IsInfinity(wanted))
                result = result with { Infinite = result.Infinite + 1 };
            else
                result = result with { Numbers = result.Numbers + 1 };
        }

        return result;
    }

    /// <summary>Both together.</summary>
    public SpecialComparison And(SpecialComparison other) =>
        new(
            NaN + other.NaN,
            Infinite + other.Infinite,
            Numbers + other.Numbers,
            Spread + other.Spread,
            Overflow + other.Overflow,
            Wrong + other.Wrong,
            First < 0 ? other.First : First,
            First < 0 ? other.Found : Found,
            First < 0 ? other.Expected : Expected
        );
}

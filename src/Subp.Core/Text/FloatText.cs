using System.Globalization;
using System.Numerics;
using System.Text;

namespace Subp.Core.Text;

/// <summary>
/// Single-precision numbers as the shortest decimal text that reads back as the same number. Exact integer arithmetic, because the float
/// formatting and parsing of older runtimes, on which a source generator may run, round differently.
/// </summary>
public static class FloatText
{
    private const int MantissaBits = 23;
    private const int MinimumExponent = -149;
    private const int LongestText = 64;

    /// <summary>
    /// The shortest text: <c>0.25</c>, <c>1e-5</c>, <c>-inf</c>. With an <c>f</c> behind it, finite text is a C# literal.
    /// </summary>
    public static string Format(float value)
    {
        if (float.IsNaN(value))
            return "nan";
        if (float.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        var bits = BitConverter.ToInt32(BitConverter.GetBytes(value), 0);
        var sign = bits < 0 ? "-" : "";
        if ((bits & int.MaxValue) == 0)
            return sign + "0";
        var (digits, exponent) = Shortest(bits);
        return sign + Place(digits, exponent);
    }

    /// <summary>
    /// Reads what <see cref="Format"/> writes and any other decimal number of up to 64 characters, rounding to nearest, ties to even.
    /// </summary>
    /// <returns>False where the text is no number, is NaN, or a finite number beyond the range of a float.</returns>
    public static bool TryParse(string text, out float value)
    {
        value = 0;
        if (text is "inf" or "-inf")
        {
            value = text[0] == '-' ? float.NegativeInfinity : float.PositiveInfinity;
            return true;
        }

        if (text.Length > LongestText || !TrySplit(text, out var negative, out var digits, out var exponent))
            return false;
        if (!digits.IsZero)
        {
            // Beyond these exponents every number of so few digits overflows or vanishes; the bound keeps the integers small.
            if (exponent > 100)
                return false;
            if (exponent > -200 && !TryRound(digits, exponent, out value))
                return false;
        }

        if (negative)
            value = -value;
        return true;
    }

    // The decimals that round to the number form an interval around it; the first precision with a decimal inside is the shortest.
    private static (string Digits, int Exponent) Shortest(int bits)
    {
        var fraction = bits & ((1 << MantissaBits) - 1);
        var biased = (bits >> MantissaBits) & 0xFF;
        BigInteger mantissa = biased == 0 ? fraction : fraction | (1 << MantissaBits);
        var power = biased == 0 ? MinimumExponent : biased + MinimumExponent - 1;
        var narrowBelow = fraction == 0 && biased > 1;

        // All quantities in quarters of the last place, over a common denominator.
        var unit = power >= 0 ? BigInteger.Pow(2, power) : BigInteger.One;
        var denominator = (power >= 0 ? BigInteger.One : BigInteger.Pow(2, -power)) * 4;
        var number = mantissa * 4 * unit;
        var low = number - (narrowBelow ? unit : 2 * unit);
        var high = number + (2 * unit);
        var endsCount = mantissa.IsEven;

        var magnitude = Magnitude(number, denominator);
        for (var precision = 1; ; precision++)
        {
            var scale = precision - 1 - magnitude;
            var up = scale >= 0 ? BigInteger.Pow(10, scale) : BigInteger.One;
            var down = scale >= 0 ? BigInteger.One : BigInteger.Pow(10, -scale);
            var floor = BigInteger.DivRem(number * up, denominator * down, out var remainder);
            var roundUp = 2 * remainder > denominator * down || (2 * remainder == denominator * down && !floor.IsEven);
            var nearest = roundUp ? floor + 1 : floor;
            var other = roundUp ? floor : floor + 1;
            foreach (var candidate in new[] { nearest, other })
            {
                var scaled = candidate * down * denominator;
                var toLow = scaled.CompareTo(low * up);
                var toHigh = scaled.CompareTo(high * up);
                if ((toLow > 0 || (toLow == 0 && endsCount)) && (toHigh < 0 || (toHigh == 0 && endsCount)))
                {
                    var text = candidate.ToString(CultureInfo.InvariantCulture);
                    return (text.TrimEnd('0'), magnitude + text.Length - precision);
                }
            }
        }
    }

    private static int Magnitude(BigInteger number, BigInteger denominator)
    {
        var magnitude = 0;
        for (; number >= denominator * 10; denominator *= 10)
            magnitude++;
        for (; number < denominator; number *= 10)
            magnitude--;
        return magnitude;
    }

    private static string Place(string digits, int exponent)
    {
        if (exponent is < -4 or > 8)
        {
            var mantissa = digits.Length == 1 ? digits : digits.Substring(0, 1) + "." + digits.Substring(1);
            return mantissa + "e" + exponent.ToString(CultureInfo.InvariantCulture);
        }

        if (exponent < 0)
            return "0." + new string('0', -exponent - 1) + digits;
        return digits.Length <= exponent + 1
            ? digits.PadRight(exponent + 1, '0')
            : digits.Substring(0, exponent + 1) + "." + digits.Substring(exponent + 1);
    }

    private static bool TrySplit(string text, out bool negative, out BigInteger digits, out int exponent)
    {
        var position = 0;
        negative = text.Length > 0 && text[0] == '-';
        if (negative || (text.Length > 0 && text[0] == '+'))
            position++;
        var read = new StringBuilder();
        exponent = 0;
        var point = false;
        for (; position < text.Length && (SubpCharacters.IsDigit(text[position]) || (text[position] == '.' && !point)); position++)
        {
            if (text[position] == '.')
            {
                point = true;
                continue;
            }

            read.Append(text[position]);
            if (point)
                exponent--;
        }

        digits = BigInteger.Zero;
        if (read.Length == 0)
            return false;
        digits = BigInteger.Parse(read.ToString(), NumberStyles.None, CultureInfo.InvariantCulture);
        if (position == text.Length)
            return true;
        if (
            text[position] is not ('e' or 'E')
            || !int.TryParse(text.Substring(position + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power)
            || power is < -1000 or > 1000
        )
            return false;
        exponent += power;
        return true;
    }

    private static bool TryRound(BigInteger digits, int exponent, out float value)
    {
        var numerator = exponent >= 0 ? digits * BigInteger.Pow(10, exponent) : digits;
        var denominator = exponent >= 0 ? BigInteger.One : BigInteger.Pow(10, -exponent);

        // Find the power of two that leaves 24 bits before the point, or fewer where the number is subnormal.
        var power = Math.Max(BitLength(numerator) - BitLength(denominator) - MantissaBits - 1, MinimumExponent);
        var mantissa = Divide(numerator, denominator, power);
        while (mantissa >= 1 << (MantissaBits + 1))
            mantissa = Divide(numerator, denominator, ++power);
        value = 0;
        if (power > 127 - MantissaBits)
            return false;
        var bits =
            mantissa < 1 << MantissaBits
                ? (int)mantissa
                : ((power - MinimumExponent + 1) << MantissaBits) | ((int)mantissa & ((1 << MantissaBits) - 1));
        value = BitConverter.ToSingle(BitConverter.GetBytes(bits), 0);
        return true;
    }

    private static BigInteger Divide(BigInteger numerator, BigInteger denominator, int power)
    {
        if (power >= 0)
            denominator <<= power;
        else
            numerator <<= -power;
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var half = (remainder * 2).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static int BitLength(BigInteger value)
    {
        var length = 0;
        for (; value >= 1 << 30; value >>= 30)
            length += 30;
        for (; !value.IsZero; value >>= 1)
            length++;
        return length;
    }
}

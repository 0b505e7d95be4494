using System.Globalization;
using System.Text;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>Names and numbers of a plan as C# literals and comment text, the same on every framework and in every culture.</summary>
internal static class CSharpText
{
    /// <summary>A string literal; everything but printable ASCII is escaped.</summary>
    public static string Literal(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var character in value)
        {
            if (character is '"' or '\\')
                text.Append('\\').Append(character);
            else if (character is >= ' ' and <= '~')
                text.Append(character);
            else
                text.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
        }

        return text.Append('"').ToString();
    }

    /// <summary>
    /// A float literal: the fewest digits that read back as the same value, found by trying because frameworks disagree about "R".
    /// </summary>
    public static string Literal(float value)
    {
        if (float.IsNaN(value))
            return "float.NaN";
        if (float.IsInfinity(value))
            return value > 0 ? "float.PositiveInfinity" : "float.NegativeInfinity";
        for (var digits = 1; ; digits++)
        {
            var text = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (digits == 9 || float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) == value)
                return text + "f";
        }
    }

    /// <summary>A ratio with so many decimal places, rounded in integers because frameworks disagree about midpoints.</summary>
    public static string Fixed(double value, int places)
    {
        long scale = 1;
        for (var place = 0; place < places; place++)
            scale *= 10;
        var scaled = (long)Math.Floor((value * scale) + 0.5);
        var fraction = (scaled % scale).ToString(CultureInfo.InvariantCulture).PadLeft(places, '0');
        return (scaled / scale).ToString(CultureInfo.InvariantCulture) + "." + fraction;
    }

    /// <summary>An integer.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Integers between commas.</summary>
    public static string Numbers(IEnumerable<int> values) => string.Join(", ", values.Select(value => Number(value)));

    /// <summary>Text for a comment of one line: whatever would end the line becomes a blank.</summary>
    public static string Comment(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var character in value)
            text.Append(char.IsControl(character) || character is '\u2028' or '\u2029' || char.IsSurrogate(character) ? ' ' : character);
        return text.ToString();
    }

    /// <summary>Text for an XML documentation comment of one line.</summary>
    public static string Documentation(string value) => Comment(value).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}

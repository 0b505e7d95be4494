using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Subp.Fuzzing.Mutations;

/// <summary>Changes of text: numbers, words and lines that are replaced, swapped, repeated or left out.</summary>
public static partial class TextMutations
{
    private static readonly string[] Numbers =
    [
        "0",
        "1",
        "2",
        "3",
        "15",
        "16",
        "17",
        "-1",
        "127",
        "255",
        "65535",
        "65536",
        "46341",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "-2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999999",
        "1e9",
        "1e-45",
        "1e400",
        "nan",
        "0x10",
        "007",
        "1.5",
    ];

    private static readonly string[] Pieces =
    [
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ",",
        ":",
        "=",
        "\"",
        "\\",
        "-",
        "..",
        "\n",
        "\r",
        "\t",
        " ",
        "\0",
        "\u00e9",
        "\U0001f600",
        "#",
        "x",
        "sha256:",
    ];

    /// <summary>One change, or sometimes two or three: a second one often hides behind the first.</summary>
    /// <param name="sample">UTF-8 text.</param>
    /// <param name="random">The only source of chance.</param>
    public static byte[] Apply(ReadOnlySpan<byte> sample, Random random)
    {
        var text = Encoding.UTF8.GetString(sample);
        for (var change = Math.Max(1, random.Next(-3, 4)); change > 0; change--)
            text = Once(text, random);
        return Encoding.UTF8.GetBytes(text);
    }

    private static string Once(string text, Random random)
    {
        switch (random.Next(12))
        {
            case < 6:
                var numbers = Number().Matches(text);
                return Replace(
                    text,
                    numbers,
                    _ =>
                        random.Next(8) switch
                        {
                            0 => random.Next().ToString(CultureInfo.InvariantCulture),
                            // A number of the same file is the most likely to fit its new place.
                            < 5 => numbers[random.Next(numbers.Count)].Value,
                            _ => Numbers[random.Next(Numbers.Length)],
                        },
                    random
                );
            case < 8:
                var words = Word().Matches(text);
                return Replace(text, words, _ => words[random.Next(words.Count)].Value, random);
            case 8:
                return text.Insert(
                    random.Next(text.Length + 1),
                    string.Concat(Enumerable.Repeat(Pieces[random.Next(Pieces.Length)], random.Next(20) == 0 ? 2000 : 1))
                );
            case 9:
                return text.Length == 0 ? text : text.Remove(random.Next(text.Length), 1);
            default:
                return Lines(text, random);
        }
    }

    private static string Lines(string text, Random random)
    {
        var lines = text.Split('\n').ToList();
        var (first, second) = (random.Next(lines.Count), random.Next(lines.Count));
        switch (random.Next(4))
        {
            case 0:
                (lines[first], lines[second]) = (lines[second], lines[first]);
                break;
            case 1:
                lines.RemoveAt(first);
                break;
            case 2:
                lines.Insert(second, lines[first]);
                break;
            default:
                // The end of one line behind the beginning of another.
                var (left, right) = (lines[first], lines[second]);
                lines[first] = left[..random.Next(left.Length + 1)] + right[random.Next(right.Length + 1)..];
                break;
        }

        return string.Join('\n', lines);
    }

    private static string Replace(string text, MatchCollection places, Func<Match, string> replacement, Random random)
    {
        if (places.Count == 0)
            return text;
        var place = places[random.Next(places.Count)];
        return string.Concat(text.AsSpan(0, place.Index), replacement(place), text.AsSpan(place.Index + place.Length));
    }

    [GeneratedRegex("[0-9]+(\\.[0-9]+)?")]
    private static partial Regex Number();

    [GeneratedRegex("[A-Za-z_][A-Za-z0-9_.]*")]
    private static partial Regex Word();
}

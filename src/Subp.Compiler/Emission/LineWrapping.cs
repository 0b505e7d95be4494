using System.Text;

namespace Subp.Compiler.Emission;

/// <summary>
/// Breaks long lines of emitted C#: statements and signatures behind a comma, as far outside of brackets as possible, and documentation at
/// a blank. Comments and whatever has no such place stay as they are.
/// </summary>
internal static class LineWrapping
{
    /// <summary>The columns of a line.</summary>
    public const int Longest = 140;

    /// <summary>Appends a line, indentation included, in as many lines as it takes.</summary>
    public static void Append(StringBuilder target, string line)
    {
        var indentation = line.Length - line.TrimStart(' ').Length;
        if (StartsWith(line, indentation, "/// <"))
            Append(
                target,
                line,
                new string(' ', indentation) + "/// ",
                static (text, start, end) => text.LastIndexOf(' ', end, end - start)
            );
        else if (StartsWith(line, indentation, "//"))
            target.Append(line);
        else
            AppendCode(target, line, new string(' ', indentation + 4));
    }

    private static bool StartsWith(string line, int start, string prefix) =>
        string.CompareOrdinal(line, start, prefix, 0, prefix.Length) == 0;

    private static void Append(StringBuilder target, string line, string prefix, Func<string, int, int, int> findBlank)
    {
        var start = 0;
        for (var room = Longest; line.Length - start > room; room = Longest - prefix.Length)
        {
            var blank = findBlank(line, start, start + room);
            // A word longer than a line, or nothing but the prefix before it.
            if (blank <= start + prefix.Length)
                break;
            target.Append(line, start, blank - start).Append('\n').Append(prefix);
            start = blank + 1;
        }

        target.Append(line, start, line.Length - start);
    }

    private static void AppendCode(StringBuilder target, string line, string indentation)
    {
        var depth = 0;
        Append(target, line, indentation, (text, start, end) => FindBreak(text, start, end, ref depth));
    }

    /// <summary>
    /// The blank behind the last comma of those that lie in the fewest brackets, the second half of the line preferred; else one at an
    /// operator, and -1 where there is none of these.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="start">Where the part begins that is looked at.</param>
    /// <param name="end">The last place where the blank may be.</param>
    /// <param name="depth">The open brackets at the start, and then at the break.</param>
    private static int FindBreak(string line, int start, int end, ref int depth)
    {
        var (found, foundDepth, isQuoted, current) = (-1, int.MaxValue, false, depth);
        // Where there is no comma: behind the assignment or before an operator.
        var (second, secondDepth) = (-1, int.MaxValue);
        for (var place = start; place <= end; place++)
        {
            var character = line[place];
            if (isQuoted)
            {
                if (character == '\\')
                    place++;
                else if (character == '"')
                    isQuoted = false;
                continue;
            }

            if (character == '/' && place + 1 < line.Length && line[place + 1] == '/')
                break;
            if (character == '"')
                isQuoted = true;
            else if (character is '(' or '[' or '{')
                current++;
            else if (character is ')' or ']' or '}')
                current--;
            else if (character == ' ' && place > start && line[place - 1] is ',' or ';')
            {
                if (current <= foundDepth || found < start + (Longest / 2))
                    (found, foundDepth) = (place, current);
            }
            else if (character == ' ' && place > start && (line[place - 1] == '=' || line[place + 1] is '+' or '?' or '&' or '|'))
            {
                if (current <= secondDepth)
                    (second, secondDepth) = (place, current);
            }
        }

        if (found < 0)
            (found, foundDepth) = (second, secondDepth);
        if (found >= 0)
            depth = foundDepth;
        return found;
    }
}

using System.Globalization;
using System.Text;

namespace Subp.Core.Text;

/// <summary>The character classes of .subp text and the quoting of names that are not plain.</summary>
internal static class SubpCharacters
{
    public static bool IsPlainName(string name)
    {
        if (name.Length == 0 || !(IsLetter(name[0]) || name[0] == '_'))
            return false;
        foreach (var character in name)
        {
            if (!IsNameCharacter(character))
                return false;
        }

        return true;
    }

    public static bool IsNameCharacter(char character) =>
        IsLetter(character) || IsDigit(character) || character is '_' or '.' or '/' or '-';

    public static bool IsWordCharacter(char character) => IsNameCharacter(character) || character == '+';

    public static bool IsLetter(char character) => character is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z');

    public static bool IsDigit(char character) => character is >= '0' and <= '9';

    public static void AppendName(StringBuilder text, string name)
    {
        if (IsPlainName(name))
            text.Append(name);
        else
            AppendQuoted(text, name);
    }

    public static void AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        for (var index = 0; index < value.Length; index++)
        {
            var character = value[index];
            if (character is '"' or '\\')
                text.Append('\\').Append(character);
            else if (character == '\n')
                text.Append("\\n");
            else if (char.IsHighSurrogate(character) && index + 1 < value.Length && char.IsLowSurrogate(value[index + 1]))
                text.Append(character).Append(value[++index]);
            else if (MustEscape(character))
                text.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            else
                text.Append(character);
        }

        text.Append('"');
    }

    // Control characters, other line ends, the byte order mark and half surrogate pairs would not survive editors or UTF-8.
    private static bool MustEscape(char character) =>
        char.IsControl(character) || char.IsSurrogate(character) || character is '\u2028' or '\u2029' or '\uFEFF';
}

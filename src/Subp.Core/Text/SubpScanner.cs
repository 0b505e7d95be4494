using System.Globalization;
using System.Text;
using Subp.Core.Diagnostics;

namespace Subp.Core.Text;

/// <summary>
/// Reads .subp text line by line and token by token, and knows where it is. White space separates tokens, <c>#</c> starts a comment; a
/// carriage return counts as white space, so that a file which a tool gave Windows line ends still reads.
/// </summary>
internal sealed class SubpScanner(string text, string fileName)
{
    private const int LongestQuote = 40;
    private const int LongestName = 1000;

    private static readonly string LongestNameText = string.Format(
        CultureInfo.InvariantCulture,
        "a name of 1 to {0} characters",
        LongestName
    );

    private int _next;
    private int _start;
    private int _end;
    private int _position;

    /// <summary>The current line, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The place of the next token: <c>file(line,column)</c>.</summary>
    public string Location => LocationAt(Column);

    /// <summary>The column of the next token, from 1.</summary>
    public int Column
    {
        get
        {
            SkipSpace();
            return _position - _start + 1;
        }
    }

    /// <summary>True where the rest of the line holds nothing.</summary>
    public bool AtEnd
    {
        get
        {
            SkipSpace();
            return _position == _end || text[_position] == '#';
        }
    }

    /// <summary>Moves to the next line that holds something.</summary>
    /// <returns>False at the end of the text.</returns>
    public bool NextLine()
    {
        while (_next < text.Length)
        {
            _start = _position = _next;
            _end = text.IndexOf('\n', _start);
            if (_end < 0)
                _end = text.Length;
            _next = Math.Min(_end + 1, text.Length);
            Line++;
            if (Line == 1 && _position < _end && text[_position] == '\uFEFF')
                _position++;
            if (!AtEnd)
                return true;
        }

        _start = _position = _end = text.Length;
        return false;
    }

    /// <summary>Whether the line goes on with a word; does not consume it.</summary>
    public bool StartsWith(string word)
    {
        SkipSpace();
        return _end - _position >= word.Length
            && string.CompareOrdinal(text, _position, word, 0, word.Length) == 0
            && (_position + word.Length == _end || !SubpCharacters.IsWordCharacter(text[_position + word.Length]));
    }

    /// <summary>Whether the next character is the given one; does not consume it.</summary>
    public bool IsAt(char character) => !AtEnd && text[_position] == character;

    /// <summary>Consumes a character if it is the next one.</summary>
    public bool Take(char character)
    {
        if (!IsAt(character))
            return false;
        _position++;
        return true;
    }

    /// <summary>Consumes a character that must come next.</summary>
    public void Expect(char character, string? meaning = null)
    {
        if (!Take(character))
            throw Error(meaning ?? $"'{character}'");
    }

    /// <summary>Consumes a word that must come next.</summary>
    public void ExpectWord(string word)
    {
        if (!StartsWith(word))
            throw Error($"'{word}'");
        _position += word.Length;
    }

    /// <summary>Requires the line to be over.</summary>
    public void ExpectEnd()
    {
        if (!AtEnd)
            throw Error("the end of the line");
    }

    /// <summary>A run of letters, digits and <c>_ . / + -</c>.</summary>
    public string Word(string expected)
    {
        SkipSpace();
        var first = _position;
        while (_position < _end && SubpCharacters.IsWordCharacter(text[_position]))
            _position++;
        if (_position == first)
            throw Error(expected);
        return text.Substring(first, _position - first);
    }

    /// <summary>A plain or quoted name.</summary>
    public string Name(string expected)
    {
        if (IsAt('"'))
        {
            var column = Column;
            var quoted = Quoted(expected);
            if (quoted.Length is 0 or > LongestName)
                throw ErrorAt(column, quoted.Length == 0 ? "an empty name" : $"the name {Quote(quoted)}", LongestNameText);
            return quoted;
        }

        SkipSpace();
        if (_position == _end || !(SubpCharacters.IsLetter(text[_position]) || text[_position] == '_'))
            throw Error(expected);
        var first = _position;
        while (_position < _end && SubpCharacters.IsNameCharacter(text[_position]))
            _position++;
        var name = text.Substring(first, _position - first);
        return name.Length <= LongestName ? name : throw ErrorAt(first - _start + 1, $"the name {Quote(name)}", LongestNameText);
    }

    /// <summary>A quoted string.</summary>
    public string Quoted(string expected)
    {
        if (!IsAt('"'))
            throw Error(expected);
        var value = new StringBuilder();
        var column = Column;
        for (_position++; ; _position++)
        {
            if (_position >= _end)
                throw ErrorAt(column, "a string without its closing quote", "'\"' before the end of the line");
            var character = text[_position];
            if (character == '"')
                break;
            value.Append(character == '\\' ? Escape() : character);
        }

        _position++;
        var result = value.ToString();
        if (!IsWellFormed(result))
            throw ErrorAt(column, "half of a surrogate pair", "well-formed Unicode");
        return result;
    }

    /// <summary>An integer from 0 to 2147483647.</summary>
    public int Integer(string expected)
    {
        SkipSpace();
        var first = _position;
        long value = 0;
        while (_position < _end && SubpCharacters.IsDigit(text[_position]))
        {
            value = Math.Min((value * 10) + (text[_position] - '0'), (long)int.MaxValue + 1);
            _position++;
        }

        if (_position > first && value <= int.MaxValue && (_position == _end || !SubpCharacters.IsWordCharacter(text[_position])))
            return (int)value;
        _position = first;
        throw Error(expected);
    }

    /// <summary>
    /// Consumes whole numbers that ascend and stay below a limit; what comes next is the end of the line or whatever breaks that rule. The
    /// lists of kept blocks are nearly all of a large file, so they are read in one loop.
    /// </summary>
    public void Ascending(List<int> numbers, int limit)
    {
        var (line, position, end, previous) = (text, _position, _end, -1);
        while (true)
        {
            while (position < end && line[position] is ' ' or '\t' or '\r')
                position++;
            _position = position;
            long value = 0;
            while (position < end && line[position] is >= '0' and <= '9' && value < limit)
                value = (value * 10) + (line[position++] - '0');
            if (
                position == _position
                || value <= previous
                || value >= limit
                || (position < end && line[position] is not (' ' or '\t' or '\r'))
            )
                return;
            previous = (int)value;
            numbers.Add(previous);
        }
    }

    /// <summary>A list in brackets, at most <paramref name="limit"/> items long.</summary>
    public List<T> Items<T>(Func<T> item, int limit)
    {
        Expect('[', "a list in brackets");
        var items = new List<T>();
        if (Take(']'))
            return items;
        do
        {
            if (items.Count == limit)
                throw Error(string.Format(CultureInfo.InvariantCulture, "']': at most {0} items", limit));
            items.Add(item());
        } while (Take(','));
        Expect(']', "',' or ']'");
        return items;
    }

    /// <summary>The place of a column in the current line.</summary>
    public string LocationAt(int column) =>
        string.Format(CultureInfo.InvariantCulture, "{0}({1},{2})", fileName, Math.Max(1, Line), column);

    /// <summary>The error for the token that comes next.</summary>
    public SubpException Error(string expected) => ErrorAt(Column, NextToken(), expected);

    /// <summary>The error at a column of the current line.</summary>
    public SubpException ErrorAt(int column, string found, string expected) =>
        new(DiagnosticDescriptors.SubpSyntax, LocationAt(column), found, expected);

    /// <summary>The same finding with its place in the text: the graph complains by name, the user needs the line as well.</summary>
    public static SubpException Located(string location, SubpException exception)
    {
        var inner = exception.Diagnostic;
        var found = inner.Location.Length == 0 ? inner.Found : $"{inner.Found} in {inner.Location}";
        return new SubpException(inner with { Location = location, Found = found }, exception);
    }

    /// <summary>The text between quotes for messages, cut where it is long.</summary>
    public static string Quote(string value) =>
        "'" + (value.Length <= LongestQuote ? value : value.Substring(0, LongestQuote) + "...") + "'";

    private string NextToken()
    {
        if (AtEnd)
            return _next >= text.Length && _position == text.Length ? "the end of the file" : "the end of the line";
        var end = _position;
        while (end < _end && SubpCharacters.IsWordCharacter(text[end]) && end - _position <= LongestQuote)
            end++;
        var token = text.Substring(_position, Math.Max(1, end - _position));
        return char.IsControl(token[0]) || char.IsSurrogate(token[0])
            ? string.Format(CultureInfo.InvariantCulture, "the character U+{0:X4}", (int)token[0])
            : Quote(token);
    }

    private char Escape()
    {
        var column = _position - _start + 1;
        _position++;
        switch (_position < _end ? text[_position] : ' ')
        {
            case '"':
                return '"';
            case '\\':
                return '\\';
            case 'n':
                return '\n';
            case 'u'
                when _position + 4 < _end
                    && int.TryParse(
                        text.Substring(_position + 1, 4),
                        NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture,
                        out var code
                    ):
                _position += 4;
                return (char)code;
            default:
                throw ErrorAt(column, "an unknown escape", "one of \\\" \\\\ \\n or \\u and four hex digits");
        }
    }

    private static bool IsWellFormed(string value)
    {
        for (var index = 0; index < value.Length; index++)
        {
            if (!char.IsSurrogate(value[index]))
                continue;
            if (index + 1 == value.Length || !char.IsSurrogatePair(value[index], value[index + 1]))
                return false;
            index++;
        }

        return true;
    }

    private void SkipSpace()
    {
        while (_position < _end && (text[_position] is ' ' or '\t' or '\r'))
            _position++;
    }
}

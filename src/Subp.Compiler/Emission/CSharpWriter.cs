using System.Text;

namespace Subp.Compiler.Emission;

/// <summary>Writes indented C# with LF line ends. Text may span lines; each line gets the current indentation, blank lines stay empty.</summary>
public sealed class CSharpWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Writes lines at the current depth.</summary>
    public CSharpWriter Line(string text = "")
    {
        // A large network has a million lines, so a line is copied once and nothing is allocated for it.
        for (var start = 0; start <= text.Length;)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0)
                end = text.Length;
            var length = end - start;
            if (length > 0 && end < text.Length && text[end - 1] == '\r')
                length--;
            if (length > 0)
                _text.Append(' ', _depth * 4).Append(text, start, length);
            _text.Append('\n');
            start = end + 1;
        }

        return this;
    }

    /// <summary>Writes a header, if any, and an opening brace; disposing the scope closes the brace.</summary>
    public Scope Block(string header = "", string closing = "}", string opening = "{")
    {
        if (header.Length > 0)
            Line(header);
        Line(opening);
        _depth++;
        return new Scope(this, closing);
    }

    /// <summary>Deeper by one level without braces, for a single statement under a loop or a continued expression.</summary>
    public Scope Indented()
    {
        _depth++;
        return new Scope(this, null);
    }

    /// <summary>The text written so far.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>An open block.</summary>
    public readonly struct Scope(CSharpWriter writer, string? closing) : IDisposable
    {
        /// <summary>Closes the block.</summary>
        public void Dispose()
        {
            writer._depth--;
            if (closing is not null)
                writer.Line(closing);
        }
    }
}

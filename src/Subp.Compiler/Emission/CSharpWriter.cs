using System.Runtime.CompilerServices;
using System.Text;

namespace Subp.Compiler.Emission;

/// <summary>
/// Writes indented C# with LF line ends, numbers in the invariant culture. Text may span lines; each line gets the current indentation,
/// blank lines stay empty. Interpolated strings go straight into the text, without a string of their own; their values must not write to
/// the same writer.
/// </summary>
/// <param name="wraps">Whether lines of more than 140 columns are broken; a text that goes into another writer leaves that to it.</param>
public sealed class CSharpWriter(bool wraps = true)
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private bool _atLineStart = true;
    private int _lineStart;
    private readonly List<string> _kernels = [];

    /// <summary>The signatures of the kernel methods written so far.</summary>
    public IReadOnlyList<string> Kernels => _kernels;

    /// <summary>
    /// Writes the head of a kernel method, which <see cref="Kernels"/> lists, and opens its body. Integers of it wrap in every project:
    /// where overflow is checked, a pointer could not go back by a negative distance, a row above the image would be no large unsigned
    /// number, and every index would cost a comparison.
    /// </summary>
    public Scope KernelBlock(string signature)
    {
        _kernels.Add(signature);
        Line(signature);
        Open("}", "{");
        Line("unchecked");
        Open("}", "{");
        return new Scope(this, "}", levels: 2);
    }

    /// <summary>Writes lines at the current depth.</summary>
    public CSharpWriter Line(string text = "")
    {
        Append(text);
        return EndLine();
    }

    /// <summary>Writes lines at the current depth.</summary>
    public CSharpWriter Line([InterpolatedStringHandlerArgument("")] Interpolated text)
    {
        // The text is there already; the argument carries nothing else.
        _ = text;
        return EndLine();
    }

    /// <summary>Writes a header, if any, and an opening brace; disposing the scope closes the brace.</summary>
    public Scope Block(string header = "", string closing = "}", string opening = "{")
    {
        if (header.Length > 0)
            Line(header);
        return Open(closing, opening);
    }

    /// <summary>Writes a header and an opening brace; disposing the scope closes the brace.</summary>
    public Scope Block([InterpolatedStringHandlerArgument("")] Interpolated header, string closing = "}", string opening = "{")
    {
        Line(header);
        return Open(closing, opening);
    }

    /// <summary>Deeper by one level without braces, for a single statement under a loop or a continued expression.</summary>
    public Scope Indented()
    {
        _depth++;
        return new Scope(this, null);
    }

    /// <summary>The text written so far.</summary>
    public override string ToString() => _text.ToString();

    private Scope Open(string closing, string opening)
    {
        Line(opening);
        _depth++;
        return new Scope(this, closing);
    }

    private CSharpWriter EndLine()
    {
        if (wraps && _text.Length - _lineStart > LineWrapping.Longest)
        {
            var line = _text.ToString(_lineStart, _text.Length - _lineStart);
            _text.Length = _lineStart;
            LineWrapping.Append(_text, line);
        }

        _text.Append('\n');
        _lineStart = _text.Length;
        _atLineStart = true;
        return this;
    }

    /// <summary>Writes a piece of a line, or of several.</summary>
    private void Append(string? text)
    {
        if (text is null)
            return;
        var start = 0;
        while (start < text.Length)
        {
            var end = text.IndexOf('\n', start);
            var stop =
                end < 0 ? text.Length
                : end > start && text[end - 1] == '\r' ? end - 1
                : end;
            if (stop > start)
            {
                if (_atLineStart)
                    _text.Append(' ', _depth * 4);
                _atLineStart = false;
                _text.Append(text, start, stop - start);
            }

            if (end < 0)
                return;
            EndLine();
            start = end + 1;
        }
    }

    /// <summary>An open block.</summary>
    public readonly struct Scope(CSharpWriter writer, string? closing, int levels = 1) : IDisposable
    {
        /// <summary>Closes the block, and those that were opened with it.</summary>
        public void Dispose()
        {
            for (var level = 0; level < levels; level++)
            {
                writer._depth--;
                if (closing is not null)
                    writer.Line(closing);
            }
        }
    }

    /// <summary>What the compiler makes of an interpolated string: its pieces go to the writer one by one.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Interpolated
    {
        private readonly CSharpWriter _writer;

        /// <summary>Begins a text.</summary>
        /// <param name="literalLength">The characters of the text itself.</param>
        /// <param name="formattedCount">The number of values.</param>
        /// <param name="writer">Where the pieces go.</param>
        public Interpolated(int literalLength, int formattedCount, CSharpWriter writer) => _writer = writer;

        /// <summary>A piece of the text itself.</summary>
        public void AppendLiteral(string value) => _writer.Append(value);

        /// <summary>A string.</summary>
        public void AppendFormatted(string? value) => _writer.Append(value);

        /// <summary>A number.</summary>
        public void AppendFormatted(int value) => _writer.Append(InvariantText.Number(value));

        /// <summary>A number.</summary>
        public void AppendFormatted(long value) => _writer.Append(InvariantText.Number(value));

        /// <summary>Any other value, in the invariant culture.</summary>
        public void AppendFormatted(object? value) => _writer.Append(InvariantText.Other(value));
    }
}

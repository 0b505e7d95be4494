using System.Text;

namespace Subp.Benchmarks.Peers.Reporting;

/// <summary>One part of the page of a processor: a heading, what was measured and how, and tables.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Notes">Paragraphs before the tables.</param>
/// <param name="Tables">The tables.</param>
/// <param name="RowOrder">The first cells of all rows that the tables may have, in order.</param>
internal sealed record Section(
    string Title,
    IReadOnlyList<string> Notes,
    IReadOnlyList<MarkdownTable> Tables,
    IReadOnlyList<string> RowOrder
)
{
    private const int LineLength = 150;

    /// <summary>The line that starts a section in the page.</summary>
    public string Heading => "## " + Title;

    /// <summary>This section with the rows of an older text of it that were not measured again.</summary>
    public Section MergedWith(IEnumerable<string> olderLines)
    {
        var older = MarkdownTable.ParseAll(olderLines);
        return this with
        {
            Tables = [.. Tables.Select((table, index) => index < older.Count ? table.MergedWith(older[index], RowOrder) : table)],
        };
    }

    /// <summary>The text, from the heading to the last line end.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Heading).Append('\n');
        foreach (var note in Notes)
            AppendWrapped(text.Append('\n'), note);
        foreach (var table in Tables)
            text.Append('\n').Append(table);
        return text.ToString();
    }

    // Lines of a length that people and diffs can read.
    private static void AppendWrapped(StringBuilder text, string note)
    {
        var length = 0;
        foreach (var word in note.Split(' '))
        {
            if (length > 0 && length + 1 + word.Length > LineLength)
            {
                text.Append('\n');
                length = 0;
            }
            else if (length > 0)
            {
                text.Append(' ');
                length++;
            }

            text.Append(word);
            length += word.Length;
        }

        text.Append('\n');
    }
}

using System.Text;

namespace Subp.Benchmarks.Peers.Reporting;

/// <summary>
/// A table that reads well in a terminal and is Markdown. Rows are known by their first cells, so that a run of some rows only can be
/// merged into the page of an earlier one.
/// </summary>
internal sealed class MarkdownTable
{
    private readonly bool[] _rightAligned;
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Creates an empty table.</summary>
    /// <param name="heads">The heads; one that starts with <c>&gt;</c> makes its column right-aligned, for numbers.</param>
    public MarkdownTable(params IReadOnlyList<string> heads)
    {
        _rightAligned = [.. heads.Select(head => head.StartsWith('>'))];
        Heads = [.. heads.Select(head => head.TrimStart('>'))];
    }

    /// <summary>The heads of the columns.</summary>
    public IReadOnlyList<string> Heads { get; }

    /// <summary>The rows.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row with one cell for each column.</summary>
    /// <exception cref="ArgumentException">The number of cells is another.</exception>
    public void Add(params IReadOnlyList<string> cells)
    {
        if (cells.Count != Heads.Count)
            throw new ArgumentException($"{cells.Count} cells for {Heads.Count} columns.", nameof(cells));
        _rows.Add([.. cells.Select(cell => cell.Replace('|', '/').ReplaceLineEndings(" "))]);
    }

    /// <summary>Adds a row that says in its last column why it has no figures.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="first">The cells that name the row.</param>
    public void AddWithout(string reason, params IReadOnlyList<string> first) =>
        Add([.. first, .. Enumerable.Repeat("-", Heads.Count - first.Count - 1), reason]);

    /// <summary>Reads tables from Markdown: every run of lines that start with a bar.</summary>
    public static IReadOnlyList<MarkdownTable> ParseAll(IEnumerable<string> lines)
    {
        var tables = new List<MarkdownTable>();
        MarkdownTable? current = null;
        IReadOnlyList<string>? heads = null;
        foreach (var line in lines)
        {
            if (!line.StartsWith('|'))
            {
                (current, heads) = (null, null);
                continue;
            }

            var cells = line.Trim('|').Split('|', StringSplitOptions.TrimEntries);
            if (current is not null)
            {
                if (cells.Length == current.Heads.Count)
                    current.Add(cells);
            }
            else if (heads is null)
            {
                heads = cells;
            }
            else
            {
                current = new MarkdownTable([.. heads.Zip(cells, (head, rule) => rule.EndsWith(':') ? ">" + head : head)]);
                tables.Add(current);
            }
        }

        return tables;
    }

    /// <summary>This table with the rows of an older one that it lacks.</summary>
    /// <param name="older">The older table; one with other heads has nothing to give.</param>
    /// <param name="order">The first cells of all rows that there may be, in order; older rows of other names are dropped.</param>
    public MarkdownTable MergedWith(MarkdownTable older, IReadOnlyList<string> order)
    {
        if (!older.Heads.SequenceEqual(Heads))
            return this;
        var merged = new MarkdownTable([.. Heads.Zip(_rightAligned, (head, right) => right ? ">" + head : head)]);
        foreach (var name in order)
        {
            var own = _rows.Where(row => row[0] == name).ToArray();
            foreach (var row in own.Length > 0 ? own : older.Rows.Where(row => row[0] == name))
                merged.Add(row);
        }

        return merged;
    }

    /// <summary>The table as lines, each with its line end.</summary>
    public override string ToString()
    {
        var widths = Enumerable
            .Range(0, Heads.Count)
            .Select(column => Math.Max(Heads[column].Length, _rows.Select(row => row[column].Length).DefaultIfEmpty(0).Max()))
            .ToArray();
        var text = new StringBuilder();
        Append(text, Heads, widths);
        text.Append('|')
            .AppendJoin('|', widths.Select((width, column) => ' ' + new string('-', width) + (_rightAligned[column] ? ':' : ' ')))
            .Append("|\n");
        foreach (var row in _rows)
            Append(text, row, widths);
        return text.ToString();
    }

    private void Append(StringBuilder text, IReadOnlyList<string> cells, int[] widths)
    {
        for (var column = 0; column < cells.Count; column++)
            text.Append("| ")
                .Append(_rightAligned[column] ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column]))
                .Append(' ');
        text.Append("|\n");
    }
}

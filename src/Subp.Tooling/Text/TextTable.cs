using System.Text;

namespace Subp.Tooling.Text;

/// <summary>A table of plain text: columns as wide as their widest cell, two spaces between, a rule under the heads, no colours.</summary>
internal sealed class TextTable
{
    private readonly IReadOnlyList<string> _heads;
    private readonly bool[] _rightAligned;
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Creates an empty table.</summary>
    /// <param name="heads">The heads; one that starts with <c>&gt;</c> makes its column right-aligned, for numbers.</param>
    public TextTable(params string[] heads)
    {
        _rightAligned = [.. heads.Select(head => head.StartsWith('>'))];
        _heads = [.. heads.Select(head => head.TrimStart('>'))];
    }

    /// <summary>Adds a row with one cell for each column.</summary>
    public void Add(params IReadOnlyList<string> cells)
    {
        if (cells.Count != _heads.Count)
            throw new ArgumentException($"{cells.Count} cells for {_heads.Count} columns.", nameof(cells));
        _rows.Add(cells);
    }

    /// <summary>Writes the table.</summary>
    public void Write(TextWriter writer)
    {
        var widths = Enumerable
            .Range(0, _heads.Count)
            .Select(column => Math.Max(_heads[column].Length, _rows.Select(row => row[column].Length).DefaultIfEmpty(0).Max()))
            .ToArray();
        WriteRow(writer, _heads, widths);
        WriteRow(writer, [.. widths.Select(width => new string('-', width))], widths);
        foreach (var row in _rows)
            WriteRow(writer, row, widths);
    }

    private void WriteRow(TextWriter writer, IReadOnlyList<string> cells, int[] widths)
    {
        var line = new StringBuilder();
        for (var column = 0; column < cells.Count; column++)
        {
            if (column > 0)
                line.Append("  ");
            line.Append(_rightAligned[column] ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column]));
        }

        writer.WriteLine(line.ToString().TrimEnd());
    }
}

namespace Subp.Compiler.Emission.Runtime;

/// <summary>Rows of cells as lines of text.</summary>
internal static class AlignedColumns
{
    /// <summary>The lines: columns two blanks apart, numbers to the right, without trailing blanks.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<string[]> rows, Func<int, bool> isNumber)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return rows.Select(row =>
            string.Join("  ", row.Select((cell, column) => isNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])))
                .TrimEnd()
        );
    }
}

using System.Text;

namespace Subp.Cli.Experiments.Report;

/// <summary>A table of a Markdown page.</summary>
internal static class MarkdownTable
{
    /// <summary>Writes a table.</summary>
    /// <param name="page">The page.</param>
    /// <param name="heads">The heads; one that starts with <c>&gt;</c> is a column of numbers.</param>
    /// <param name="rows">The cells.</param>
    public static void Write(StringBuilder page, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        Line(page, heads.Select(head => head.TrimStart('>')));
        Line(page, heads.Select(head => head.StartsWith('>') ? "---:" : "---"));
        foreach (var row in rows)
            Line(page, row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)));
        page.Append('\n');
    }

    private static void Line(StringBuilder page, IEnumerable<string> cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}

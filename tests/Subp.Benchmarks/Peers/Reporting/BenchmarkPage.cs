using System.Text;

namespace Subp.Benchmarks.Peers.Reporting;

/// <summary>
/// The page of one processor. A run replaces what it measured and keeps the rest, so that tables can be measured one at a time on a machine
/// that is quiet for minutes only. The same figures give the same bytes: there is no date and no path in it.
/// </summary>
internal static class BenchmarkPage
{
    /// <summary>The text of a page after a run.</summary>
    /// <param name="older">The page as it was, or null.</param>
    /// <param name="introduction">What comes before the first section.</param>
    /// <param name="measured">What was measured.</param>
    /// <param name="order">The titles of all sections, in order; others are dropped.</param>
    public static string Update(string? older, string introduction, IReadOnlyList<Section> measured, IReadOnlyList<string> order)
    {
        var kept = Split(older ?? "");
        var text = new StringBuilder(introduction.TrimEnd('\n')).Append('\n');
        foreach (var title in order)
        {
            var lines = kept.GetValueOrDefault(title, []);
            var section = measured.FirstOrDefault(section => section.Title == title);
            var part =
                section is not null ? section.MergedWith(lines).ToString()
                : lines.Count > 0 ? $"## {title}\n" + string.Concat(lines.Select(line => line + "\n"))
                : "";
            if (part.Length > 0)
                text.Append('\n').Append(part.TrimEnd('\n')).Append('\n');
        }

        return text.ToString();
    }

    private static Dictionary<string, List<string>> Split(string page)
    {
        var sections = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? current = null;
        foreach (var line in page.Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                sections[line[3..]] = current = [];
            else
                current?.Add(line);
        }

        return sections;
    }
}

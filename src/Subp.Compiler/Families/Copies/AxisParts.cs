namespace Subp.Compiler.Families.Copies;

/// <summary>A stretch of one axis of a result.</summary>
/// <param name="Start">Its first index in the result.</param>
/// <param name="Count">The number of indices.</param>
/// <param name="Source">The index of the operand at the start, or -1 for the constant.</param>
/// <param name="Step">How the index of the operand goes on.</param>
internal sealed record AxisPart(int Start, int Count, int Source, int Step)
{
    /// <summary>The indices of the operand where they follow no step; null where they do.</summary>
    public IReadOnlyList<int>? Table { get; init; }
}

/// <summary>Cuts an axis of a result into stretches along which the indices of the operand go on evenly.</summary>
internal static class AxisParts
{
    /// <summary>More stretches than this beside each other become a table.</summary>
    private const int MostStretches = 3;

    /// <summary>The stretches of an axis.</summary>
    /// <param name="extent">The extent of the result.</param>
    /// <param name="source">The index of the operand at an index of the result, or -1 for the constant.</param>
    public static IReadOnlyList<AxisPart> Of(int extent, Func<int, int> source)
    {
        var parts = new List<AxisPart>();
        var index = 0;
        while (index < extent)
        {
            var (start, first) = (index, source(index));
            var step =
                first < 0 ? 0
                : index + 1 < extent && source(index + 1) >= 0 ? source(index + 1) - first
                : 0;
            index++;
            if (first < 0)
            {
                while (index < extent && source(index) < 0)
                    index++;
            }
            else if (index < extent && source(index) >= 0)
            {
                while (index < extent && source(index) >= 0 && source(index) == first + ((index - start) * step))
                    index++;
            }

            parts.Add(new AxisPart(start, index - start, first, step));
        }

        return WithTables(parts, source);
    }

    private static List<AxisPart> WithTables(List<AxisPart> parts, Func<int, int> source)
    {
        var joined = new List<AxisPart>();
        var from = 0;
        while (from < parts.Count)
        {
            var to = from + 1;
            while (parts[from].Source >= 0 && to < parts.Count && parts[to].Source >= 0)
                to++;
            if (to - from <= MostStretches)
            {
                joined.AddRange(parts.Skip(from).Take(to - from));
            }
            else
            {
                var (start, count) = (parts[from].Start, parts.Skip(from).Take(to - from).Sum(part => part.Count));
                joined.Add(new AxisPart(start, count, 0, 0) { Table = [.. Enumerable.Range(start, count).Select(source)] });
            }

            from = to;
        }

        return joined;
    }
}

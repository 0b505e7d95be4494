namespace Subp.Compiler.Families.Loops;

/// <summary>
/// How an operand is walked by the axes of a <see cref="LoopNest"/>: a start and, per axis, one distance for all steps, or a table of
/// distances where the steps are uneven. All in floats.
/// </summary>
/// <param name="Start">The first element, counted from where the operand lies.</param>
/// <param name="Strides">The distance of a step along each axis; not used along axes with a table.</param>
internal sealed record LoopOperand(int Start, IReadOnlyList<int> Strides)
{
    /// <summary>Per axis, the distances of all indices from the start, or null for a stride; empty where no axis has a table.</summary>
    public IReadOnlyList<IReadOnlyList<int>?> Tables { get; init; } = [];

    /// <summary>The table of an axis, or null.</summary>
    public IReadOnlyList<int>? Table(int axis) => Tables.Count == 0 ? null : Tables[axis];

    /// <summary>The distance of an index along an axis.</summary>
    public int Distance(int axis, int index) => Table(axis) is { } table ? table[index] : index * Strides[axis];

    /// <summary>The smallest and the largest distance of a range of indices along an axis, both inclusive.</summary>
    public (int Smallest, int Largest) Distances(int axis, int from, int last)
    {
        if (Table(axis) is { } table)
        {
            var (smallest, largest) = (int.MaxValue, int.MinValue);
            for (var index = from; index <= last; index++)
            {
                smallest = Math.Min(smallest, table[index]);
                largest = Math.Max(largest, table[index]);
            }

            return (smallest, largest);
        }

        var (first, end) = (from * Strides[axis], last * Strides[axis]);
        return (Math.Min(first, end), Math.Max(first, end));
    }

    /// <summary>Whether two neighbouring axes are one for this operand: a step of the outer is the whole inner one.</summary>
    public bool IsOneAxis(int outer, int extentOfInner) =>
        Table(outer) is null && Table(outer + 1) is null && Strides[outer] == Strides[outer + 1] * extentOfInner;

    /// <summary>The operand with axes left out.</summary>
    public LoopOperand With(IReadOnlyList<int> axes) =>
        new(Start, [.. axes.Select(axis => Strides[axis])]) { Tables = Tables.Count == 0 ? [] : [.. axes.Select(axis => Tables[axis])] };
}

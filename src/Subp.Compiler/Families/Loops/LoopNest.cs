using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;

namespace Subp.Compiler.Families.Loops;

/// <summary>
/// Loops over a rectangle of positions that all operands of a kernel are walked by. The innermost axis is the run, which the kernel goes
/// through in vectors; the outermost ones are cut into tiles, the tasks of the schedule. Axes that are one for every operand are joined, so
/// that a step over values that lie alike is one long run whatever their rank.
/// </summary>
internal sealed record LoopNest
{
    /// <summary>Tiles that suffice to keep many threads evenly busy.</summary>
    private const int EnoughTiles = 64;

    /// <summary>Elements of a run that are worth a task of their own.</summary>
    private const int ChunkLength = 1024;

    /// <summary>The lanes of the longest vector: a shorter task would compute lanes for nothing.</summary>
    private const int ChunkMultiple = 16;

    private LoopNest(IReadOnlyList<int> extents, IReadOnlyList<LoopOperand> operands, int outerAxes, int chunk, int indicesPerTile)
    {
        (Extents, Operands, OuterAxes, Chunk, IndicesPerTile) = (extents, operands, outerAxes, chunk, indicesPerTile);
        Indices = Chunks;
        for (var axis = 0; axis < outerAxes; axis++)
            Indices *= extents[axis];
        Tiles = ((Indices - 1) / indicesPerTile) + 1;
    }

    /// <summary>The extents of the axes, outermost first; the last is the run.</summary>
    public IReadOnlyList<int> Extents { get; }

    /// <summary>The operands, the result last.</summary>
    public IReadOnlyList<LoopOperand> Operands { get; }

    /// <summary>How many of the outermost axes tasks are cut from.</summary>
    public int OuterAxes { get; }

    /// <summary>The elements of the run that one task computes; the last of a run may be fewer.</summary>
    public int Chunk { get; }

    /// <summary>The positions along the outermost axes, times the chunks of a run.</summary>
    public int Indices { get; }

    /// <summary>How many of these positions are one task.</summary>
    public int IndicesPerTile { get; }

    /// <summary>The number of tasks.</summary>
    public int Tiles { get; }

    /// <summary>The extent of the run.</summary>
    public int Run => Extents[Extents.Count - 1];

    /// <summary>The chunks of a run.</summary>
    public int Chunks => ((Run - 1) / Chunk) + 1;

    /// <summary>The axes between the tasks and the run.</summary>
    public IEnumerable<int> InnerAxes => Enumerable.Range(OuterAxes, Extents.Count - 1 - OuterAxes);

    /// <summary>Builds the loops.</summary>
    /// <param name="extents">The extents of the axes, outermost first.</param>
    /// <param name="operands">The operands, the result last.</param>
    /// <param name="hasRun">False where the kernel computes position by position; the run is then one position.</param>
    /// <param name="work">The work of a position, in elements: heavier positions make finer tasks worth while.</param>
    public static LoopNest Of(IReadOnlyList<int> extents, IReadOnlyList<LoopOperand> operands, bool hasRun = true, int work = 1)
    {
        int[] used = [.. Enumerable.Range(0, extents.Count).Where(axis => extents[axis] > 1)];
        List<int> joined = [.. used.Select(axis => extents[axis])];
        LoopOperand[] walked = [.. operands.Select(operand => operand.With(used))];
        for (var axis = joined.Count - 2; axis >= 0; axis--)
        {
            if (!walked.All(operand => operand.IsOneAxis(axis, joined[axis + 1])))
                continue;
            joined[axis + 1] *= joined[axis];
            joined.RemoveAt(axis);
            var rest = Enumerable.Range(0, joined.Count + 1).Where(other => other != axis).ToArray();
            walked = [.. walked.Select(operand => operand.With(rest))];
        }

        if (!hasRun || joined.Count == 0)
        {
            joined.Add(1);
            walked = [.. walked.Select(WithUnitAxis)];
        }

        return Tasks(joined, walked, Math.Max(ChunkMultiple, ChunkLength / Math.Max(1, work) / ChunkMultiple * ChunkMultiple));
    }

    /// <summary>Adds what a range of tasks touches of an operand that lies in the arena.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="place">Where it lies.</param>
    /// <param name="range">The tasks.</param>
    /// <param name="spans">Where to add.</param>
    /// <param name="reach">How far the kernel goes beyond each position.</param>
    public void AddSpan(int operand, OperandPlace place, WorkRange range, SpanList spans, int reach = 0)
    {
        if (place.Memory != OperandMemory.Arena)
            return;
        var (from, last) = (range.TileFrom * IndicesPerTile, Math.Min(range.TileTo * IndicesPerTile, Indices) - 1);
        if (range.TileFrom >= range.TileTo || from > last)
            return;
        var walked = Operands[operand];
        var (smallest, largest) = (walked.Start, walked.Start);
        var (isSplit, divisor) = (false, Indices);
        for (var axis = 0; axis <= OuterAxes; axis++)
        {
            var extent = axis < OuterAxes ? Extents[axis] : Chunks;
            divisor /= extent;
            // Once the range covers different indices of one axis, it may cover all indices of the axes inside.
            var (first, end) = isSplit ? (0, extent - 1) : (from / divisor % extent, last / divisor % extent);
            isSplit |= first != end;
            if (axis == OuterAxes)
                (first, end) = (first * Chunk, Math.Min((end + 1) * Chunk, Run) - 1);
            var distances = walked.Distances(axis < OuterAxes ? axis : Extents.Count - 1, first, end);
            (smallest, largest) = (smallest + distances.Smallest, largest + distances.Largest);
        }

        foreach (var axis in InnerAxes)
        {
            var distances = walked.Distances(axis, 0, Extents[axis] - 1);
            (smallest, largest) = (smallest + distances.Smallest, largest + distances.Largest);
        }

        spans.Add(new ArenaSpan(place.Number + smallest, place.Number + largest + reach + 1));
    }

    private static LoopOperand WithUnitAxis(LoopOperand operand) =>
        operand with
        {
            Strides = [.. operand.Strides, 0],
            Tables = operand.Tables.Count == 0 ? [] : [.. operand.Tables, null],
        };

    private static LoopNest Tasks(List<int> extents, LoopOperand[] operands, int chunk)
    {
        var (outer, positions) = (0, 1);
        while (outer < extents.Count - 1 && positions < EnoughTiles)
            positions *= extents[outer++];
        var run = extents[extents.Count - 1];
        // A long run is cut, too, where the axes outside of it are short.
        var isCut = outer == extents.Count - 1 && positions < EnoughTiles && run >= 2 * chunk;
        var indices = isCut ? positions * (((run - 1) / chunk) + 1) : positions;
        var perTile = isCut ? 1 : Math.Max(1, indices / (4 * EnoughTiles));
        return new LoopNest(extents, operands, outer, isCut ? chunk : run, perTile);
    }
}

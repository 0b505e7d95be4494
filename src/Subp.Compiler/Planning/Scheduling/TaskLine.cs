namespace Subp.Compiler.Planning.Scheduling;

/// <summary>
/// The tasks of a grid in a line, one outer index after the other, and the cuts of that line into stretches of equal cost. A stretch is at
/// most three rectangles: the end of one outer index, whole ones, the beginning of another.
/// </summary>
internal sealed class TaskLine
{
    private const int BisectionSteps = 50;
    private readonly double[] _outer;
    private readonly double[] _outerBefore;
    private readonly double[] _innerBefore;
    private readonly bool _groupsOutside;

    /// <summary>Lines up the tasks of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="groupsOutside">True for one group after the other, false for one tile after the other.</param>
    public TaskLine(LayerPlan layer, bool groupsOutside)
    {
        double[] groups = [.. layer.GroupCosts];
        double[] tiles = [.. Enumerable.Range(0, layer.TaskTiles).Select(layer.TileCost)];
        _groupsOutside = groupsOutside;
        _outer = groupsOutside ? groups : tiles;
        _outerBefore = SumsBefore(_outer);
        _innerBefore = SumsBefore(groupsOutside ? tiles : groups);
    }

    private int Inner => _innerBefore.Length - 1;

    private double InnerTotal => _innerBefore[Inner];

    private double Total => _outerBefore[_outer.Length] * InnerTotal;

    /// <summary>
    /// Cuts the line so that the most costly of the stretches costs as little as possible; with whole outer indices only, where asked.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<WorkRange>> Cut(int parts, bool whole)
    {
        // Cuts next to the equal shares lie at the same rows in all layers of one height; they are kept unless others are better.
        var even = EvenCuts(parts, whole);
        var packed = PackedCuts(parts, whole);
        var cuts = Largest(packed) < Largest(even) * (1 - 1e-9) ? packed : even;
        return [.. Enumerable.Range(0, parts).Select(part => Rectangles(cuts[part], cuts[part + 1]))];
    }

    private double Largest(int[] cuts) => Enumerable.Range(0, cuts.Length - 1).Max(part => Before(cuts[part + 1]) - Before(cuts[part]));

    /// <summary>The cost of all tasks in front of a position.</summary>
    private double Before(int position)
    {
        var (outer, inner) = (position / Inner, position % Inner);
        return (_outerBefore[outer] * InnerTotal) + (inner == 0 ? 0 : _outer[outer] * _innerBefore[inner]);
    }

    private int[] EvenCuts(int parts, bool whole)
    {
        var cuts = new int[parts + 1];
        for (var part = 1; part < parts; part++)
        {
            var share = Total * part / parts;
            var below = Math.Max(cuts[part - 1], LastWithin(share * (1 + 1e-12), whole));
            var above = Next(below, whole);
            // The caller's thread is the first to start, so that it gets the odd task.
            cuts[part] = Before(above) - share <= share - Before(below) ? above : below;
        }

        cuts[parts] = _outer.Length * Inner;
        return cuts;
    }

    /// <summary>The smallest limit that the stretches can keep, found by bisection; each is then as long as the limit allows.</summary>
    private int[] PackedCuts(int parts, bool whole)
    {
        double low = 0,
            high = Total;
        for (var step = 0; step < BisectionSteps; step++)
        {
            var middle = (low + high) / 2;
            if (Pack(parts, middle, whole) is null)
                low = middle;
            else
                high = middle;
        }

        return Pack(parts, high, whole) ?? Pack(parts, double.MaxValue, whole)!;
    }

    private int[]? Pack(int parts, double limit, bool whole)
    {
        var cuts = new int[parts + 1];
        for (var part = 0; part < parts; part++)
        {
            var last = LastWithin((Before(cuts[part]) + limit) * (1 + 1e-12), whole);
            if (last < cuts[part])
                return null;
            cuts[part + 1] = last;
        }

        return cuts[parts] == _outer.Length * Inner ? cuts : null;
    }

    /// <summary>The last position in front of which the tasks cost no more than a limit.</summary>
    private int LastWithin(double limit, bool whole)
    {
        var outer = LastAtMost(_outerBefore, limit / Math.Max(InnerTotal, double.Epsilon));
        if (outer == _outer.Length || whole)
            return outer * Inner;
        if (_outer[outer] <= 0 || InnerTotal <= 0)
            return outer * Inner;
        return (outer * Inner)
            + Math.Min(Inner - 1, LastAtMost(_innerBefore, (limit - (_outerBefore[outer] * InnerTotal)) / _outer[outer]));
    }

    private int Next(int position, bool whole) =>
        Math.Min(_outer.Length * Inner, whole ? (position / Inner * Inner) + Inner : position + 1);

    private static int LastAtMost(double[] sums, double limit)
    {
        int low = 0,
            high = sums.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (sums[middle] <= limit)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    private List<WorkRange> Rectangles(int from, int to)
    {
        var rectangles = new List<WorkRange>();
        var (firstOuter, firstInner) = (from / Inner, from % Inner);
        var (lastOuter, lastInner) = (to / Inner, to % Inner);
        if (firstOuter == lastOuter)
        {
            Add(firstOuter, firstOuter + 1, firstInner, lastInner);
            return rectangles;
        }

        if (firstInner > 0)
            Add(firstOuter, firstOuter + 1, firstInner, Inner);
        Add(firstInner > 0 ? firstOuter + 1 : firstOuter, lastOuter, 0, Inner);
        Add(lastOuter, lastOuter + 1, 0, lastInner);
        return rectangles;

        void Add(int outerFrom, int outerTo, int innerFrom, int innerTo)
        {
            if (outerFrom < outerTo && innerFrom < innerTo)
                rectangles.Add(
                    _groupsOutside
                        ? new WorkRange(outerFrom, outerTo, innerFrom, innerTo)
                        : new WorkRange(innerFrom, innerTo, outerFrom, outerTo)
                );
        }
    }

    private static double[] SumsBefore(double[] costs)
    {
        var sums = new double[costs.Length + 1];
        for (var index = 0; index < costs.Length; index++)
            sums[index + 1] = sums[index] + costs[index];
        return sums;
    }
}

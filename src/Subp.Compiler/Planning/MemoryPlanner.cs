namespace Subp.Compiler.Planning;

/// <summary>
/// Places values in one arena so that values that live at the same time do not overlap. The problem is hard in general and easy in
/// practice: each value in turn goes to a place that is free during its whole life. No single order of turns is best for all networks, so a
/// few are tried and the smallest arena is kept; deterministic, since every order is total and the first of equals wins.
/// </summary>
public static class MemoryPlanner
{
    /// <summary>A value and the steps between which it lives, both inclusive.</summary>
    /// <param name="Value">The name of the value.</param>
    /// <param name="Length">Its length in floats.</param>
    /// <param name="First">The step that writes it.</param>
    /// <param name="Last">The last step that reads it.</param>
    public sealed record Lifetime(string Value, int Length, int First, int Last)
    {
        /// <summary>The number of steps at which the value is there.</summary>
        public int Steps => Last - First + 1;

        /// <summary>True where both are there at some step.</summary>
        public bool Meets(Lifetime other) => First <= other.Last && other.First <= Last;
    }

    /// <summary>How often the value that made the arena as long as it is may be moved to the front of the order.</summary>
    private const int Improvements = 32;

    /// <summary>The offset of every value, in floats, and the length of the arena.</summary>
    /// <exception cref="OverflowException">The arena would be longer than an <see cref="int"/> counts.</exception>
    public static (IReadOnlyDictionary<string, int> Offsets, int ArenaLength) Place(IReadOnlyList<Lifetime> lifetimes)
    {
        var bound = LowerBound(lifetimes);
        var best = Improve([.. BySize(lifetimes)], bound);
        // Size times life keeps long-lived values at the bottom, out of the way of the large and short-lived; execution order packs chains
        // tightly.
        foreach (var order in new[] { ByArea(lifetimes), ByStart(lifetimes), ByLife(lifetimes) })
        {
            if (best.ArenaLength == bound)
                break;
            var placed = Improve([.. order], bound);
            if (placed.ArenaLength < best.ArenaLength)
                best = placed;
        }

        return best;
    }

    /// <summary>The largest sum of lengths that live at one step: no plan can be smaller.</summary>
    public static int LowerBound(IReadOnlyList<Lifetime> lifetimes) =>
        lifetimes.Count == 0
            ? 0
            : lifetimes.Max(at => lifetimes.Where(life => life.First <= at.First && at.First <= life.Last).Sum(life => life.Length));

    private static IEnumerable<Lifetime> BySize(IReadOnlyList<Lifetime> lifetimes) =>
        lifetimes.OrderByDescending(life => life.Length).ThenBy(life => life.First).ThenBy(life => life.Value, StringComparer.Ordinal);

    private static IEnumerable<Lifetime> ByArea(IReadOnlyList<Lifetime> lifetimes) =>
        lifetimes
            .OrderByDescending(life => (long)life.Length * life.Steps)
            .ThenBy(life => life.First)
            .ThenBy(life => life.Value, StringComparer.Ordinal);

    private static IEnumerable<Lifetime> ByStart(IReadOnlyList<Lifetime> lifetimes) =>
        lifetimes.OrderBy(life => life.First).ThenByDescending(life => life.Length).ThenBy(life => life.Value, StringComparer.Ordinal);

    private static IEnumerable<Lifetime> ByLife(IReadOnlyList<Lifetime> lifetimes) =>
        lifetimes
            .OrderByDescending(life => life.Steps)
            .ThenByDescending(life => life.Length)
            .ThenBy(life => life.First)
            .ThenBy(life => life.Value, StringComparer.Ordinal);

    /// <summary>Places in an order; then gives the value at the top of the arena the first choice, as long as that may help.</summary>
    private static (IReadOnlyDictionary<string, int> Offsets, int ArenaLength) Improve(List<Lifetime> order, int bound)
    {
        var best = PlaceInOrder(order);
        var current = best;
        for (var attempt = 0; attempt < Improvements && best.ArenaLength > bound; attempt++)
        {
            var top = order.FindIndex(life => current.Offsets[life.Value] + life.Length == current.ArenaLength);
            if (top <= 0)
                break;
            var life = order[top];
            order.RemoveAt(top);
            order.Insert(0, life);
            current = PlaceInOrder(order);
            if (current.ArenaLength < best.ArenaLength)
                best = current;
        }

        return best;
    }

    /// <summary>
    /// Each value in turn takes the smallest gap that holds it, the lowest of equals, among the values placed so far that it meets.
    /// </summary>
    private static (IReadOnlyDictionary<string, int> Offsets, int ArenaLength) PlaceInOrder(IReadOnlyList<Lifetime> order)
    {
        var offsets = new Dictionary<string, int>(StringComparer.Ordinal);
        var placed = new List<(Lifetime Life, int Offset)>();
        var arena = 0;
        foreach (var life in order)
        {
            var (bestOffset, bestGap) = (-1, int.MaxValue);
            var free = 0;
            foreach (var (other, start) in placed)
            {
                if (!other.Meets(life))
                    continue;
                if (start - free >= life.Length && start - free < bestGap)
                    (bestOffset, bestGap) = (free, start - free);
                free = Math.Max(free, start + other.Length);
            }

            var offset = bestOffset >= 0 ? bestOffset : free;
            offsets[life.Value] = offset;
            // Kept in the order of offsets, so that one walk sees the gaps.
            var position = placed.FindIndex(entry => entry.Offset > offset);
            placed.Insert(position < 0 ? placed.Count : position, (life, offset));
            arena = Math.Max(arena, checked(offset + life.Length));
        }

        return (offsets, arena);
    }
}

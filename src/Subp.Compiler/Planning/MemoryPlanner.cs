namespace Subp.Compiler.Planning;

/// <summary>
/// Places values in one arena so that values that live at the same time do not overlap. Largest first, each at the lowest place that is free
/// during its whole life: the usual greedy rule for this problem, deterministic and close to the lower bound.
/// </summary>
public static class MemoryPlanner
{
    /// <summary>A value and the steps between which it lives, both inclusive.</summary>
    /// <param name="Value">The name of the value.</param>
    /// <param name="Length">Its length in floats.</param>
    /// <param name="First">The step that writes it.</param>
    /// <param name="Last">The last step that reads it.</param>
    public sealed record Lifetime(string Value, int Length, int First, int Last);

    /// <summary>The offset of every value, in floats, and the length of the arena.</summary>
    public static (IReadOnlyDictionary<string, int> Offsets, int ArenaLength) Place(IReadOnlyList<Lifetime> lifetimes)
    {
        var offsets = new Dictionary<string, int>(StringComparer.Ordinal);
        var placed = new List<(Lifetime Life, int Offset)>();
        var arena = 0;
        foreach (var life in lifetimes.OrderByDescending(life => life.Length).ThenBy(life => life.First).ThenBy(life => life.Value, StringComparer.Ordinal))
        {
            var offset = 0;
            foreach (var (other, start) in placed.Where(entry => entry.Life.First <= life.Last && life.First <= entry.Life.Last)
                .OrderBy(entry => entry.Offset))
            {
                if (offset + life.Length <= start)
                    break;
                offset = Math.Max(offset, start + other.Length);
            }

            offsets[life.Value] = offset;
            placed.Add((life, offset));
            arena = Math.Max(arena, checked(offset + life.Length));
        }

        return (offsets, arena);
    }

    /// <summary>The largest sum of lengths that live at one step: no plan can be smaller.</summary>
    public static int LowerBound(IReadOnlyList<Lifetime> lifetimes) => lifetimes.Count == 0 ? 0 : lifetimes
        .Max(at => lifetimes.Where(life => life.First <= at.First && at.First <= life.Last).Sum(life => life.Length));
}

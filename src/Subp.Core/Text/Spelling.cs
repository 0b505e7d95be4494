namespace Subp.Core.Text;

/// <summary>Finds the word a misspelt one was probably meant to be.</summary>
public static class Spelling
{
    private const int LongestWord = 40;

    /// <summary>The nearest of some words, or null where none is within a third of its letters; two in words of four or five.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > LongestWord)
            return null;
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in known)
        {
            var distance = Distance(word, candidate);
            if (distance < bestDistance && distance <= Tolerance(Math.Max(candidate.Length, word.Length)))
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best;
    }

    /// <summary>The sentence that suggests the nearest word, or else lists them all.</summary>
    public static string Suggest(string word, IEnumerable<string> known)
    {
        var words = known.ToArray();
        var nearest = Nearest(word, words);
        return nearest is null ? $"Known are: {string.Join(", ", words)}." : $"Did you mean '{nearest}'?";
    }

    private static int Tolerance(int length) => length < 4 ? 1 : Math.Max(2, length / 3);

    // The distance of optimal string alignment (Damerau 1964): insertions, deletions, substitutions and swaps of neighbours, each one edit.
    // Swaps are the commonest slip, and a word with one must be nearer than another that differs in two letters.
    private static int Distance(string from, string to)
    {
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= to.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var substituted = rows[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                var nearest = Math.Min(substituted, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                var isSwap = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                rows[i, j] = isSwap ? Math.Min(nearest, rows[i - 2, j - 2] + 1) : nearest;
            }
        }

        return rows[from.Length, to.Length];
    }
}

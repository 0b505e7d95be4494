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

    // Two swapped letters are two edits, and the commonest slip.
    private static int Tolerance(int length) => length < 4 ? 1 : Math.Max(2, length / 3);

    // Levenshtein's distance, one row at a time.
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var above = row[j];
                var substitute = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(substitute, Math.Min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }

        return row[to.Length];
    }
}

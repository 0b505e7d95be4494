using System.Globalization;
using Subp.Core.Diagnostics;
using Subp.Core.Operators;
using Subp.Core.Text;

namespace Subp.Compiler.Families.Convolutions;

/// <summary>The hint of the pixels of a register tile, for all instruction sets or for one.</summary>
internal static class TileHint
{
    /// <summary>The key for all instruction sets that have none of their own.</summary>
    public const string Key = "tile";

    private static readonly InstructionSet[] s_sets = [InstructionSet.Avx512, InstructionSet.Avx2, InstructionSet.Portable];

    /// <summary>All keys.</summary>
    public static string[] Keys => [Key, .. s_sets.Select(KeyOf)];

    /// <summary>The key of one instruction set, for example <c>tile.avx512</c>.</summary>
    public static string KeyOf(InstructionSet set) => Key + "." + set.Word();

    /// <summary>The word of a tile, rows x columns.</summary>
    public static string Word(int rows, int columns) => InvariantText.Invariant($"{rows}x{columns}");

    /// <summary>Reads a hint if it is of a tile.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="key">The key.</param>
    /// <param name="word">The word.</param>
    /// <param name="tiles">Receives the pixels where the key is of one instruction set.</param>
    /// <param name="anyTile">Receives them where it is of all others.</param>
    /// <exception cref="SubpException">SUBP0605: the word is not rows x columns.</exception>
    public static bool TryRead(string node, string key, string word, Dictionary<InstructionSet, Extent> tiles, ref Extent? anyTile)
    {
        if (key == Key)
        {
            anyTile = Pixels(node, key, word);
            return true;
        }

        var set = Array.FindIndex(s_sets, candidate => KeyOf(candidate) == key);
        if (set >= 0)
            tiles[s_sets[set]] = Pixels(node, key, word);
        return set >= 0;
    }

    /// <summary>The diagnostic of a key that a family does not know.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="key">The key.</param>
    /// <param name="known">The keys that it knows.</param>
    public static SubpException UnknownKey(string node, string key, IReadOnlyList<string> known) =>
        new(
            DiagnosticDescriptors.InvalidHint,
            $"hint of '{node}'",
            $"the key '{key}'",
            "a key that the planner knows for this layer",
            Spelling.Suggest(key, known)
        );

    private static Extent Pixels(string node, string key, string word)
    {
        var parts = word.Split('x');
        return parts.Length == 2 && Number(parts[0]) is { } rows && Number(parts[1]) is { } columns
            ? new Extent(rows, columns)
            : throw new SubpException(
                DiagnosticDescriptors.InvalidHint,
                $"hint of '{node}'",
                $"{key}={word}",
                "rows x columns of pixels, for example 2x7"
            );
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 64 ? number : null;
}

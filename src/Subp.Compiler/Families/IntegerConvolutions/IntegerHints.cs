using System.Globalization;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// What the hints of a .subp file ask of a convolution or linear layer of bytes: how its work is cut. What they leave open the planner
/// decides.
/// </summary>
internal sealed record IntegerHints
{
    /// <summary>The key of the output rows of a band.</summary>
    public const string Band = "band";

    private static readonly IntegerHints s_none = new();

    private static string[] Keys => [Band, .. TileHint.Keys];

    /// <summary>The output rows of a band, or null.</summary>
    public int? BandRows { get; init; }

    /// <summary>The most pixels of a tile, of the instruction sets that have a hint of their own.</summary>
    public IReadOnlyDictionary<InstructionSet, Extent> Tiles { get; init; } = new Dictionary<InstructionSet, Extent>();

    /// <summary>The most pixels of a tile of all other instruction sets, or null.</summary>
    public Extent? AnyTile { get; init; }

    /// <summary>The hints of a layer; none where the options ask for one form of all layers.</summary>
    public static IntegerHints Of(KernelChoices choices, GraphNode node) =>
        choices.ObeyedHints(node) is { } words ? Read(node.Name, words) : s_none;

    /// <summary>The hints of a layer.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="words">Its hints: words under keys.</param>
    /// <exception cref="SubpException">SUBP0605: a key or a word is not known.</exception>
    public static IntegerHints Read(string node, IReadOnlyDictionary<string, string> words)
    {
        int? rows = null;
        var tiles = new Dictionary<InstructionSet, Extent>();
        Extent? anyTile = null;
        foreach (var entry in words)
        {
            var (key, word) = (entry.Key, entry.Value);
            if (key == Band)
                rows = Rows(node, word);
            else if (!TileHint.TryRead(node, key, word, tiles, ref anyTile))
                throw TileHint.UnknownKey(node, key, Keys);
        }

        return new IntegerHints
        {
            BandRows = rows,
            Tiles = tiles,
            AnyTile = anyTile,
        };
    }

    /// <summary>The word of a band.</summary>
    public static string BandWord(int rows) => Invariant($"{rows}");

    /// <summary>The most pixels that a tile of an instruction set shall have, or null.</summary>
    public int? TilePixels(InstructionSet set) => TileOf(set)?.Width;

    /// <summary>The output rows of a band, or null where there is no hint.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="output">The output as images.</param>
    /// <exception cref="SubpException">SUBP0605: the layer has fewer rows.</exception>
    public int? BandRowsOf(GraphNode node, TensorShape output) =>
        BandRows is not { } rows || rows <= output.Height
            ? BandRows
            : throw HintedNodes.Misfit(
                node.Name,
                Invariant($"a band of {rows} rows"),
                Invariant($"at most the {output.Height} rows of the layer")
            );

    /// <summary>Requires that the tiles fit the layer and the registers.</summary>
    /// <param name="plan">The layer.</param>
    /// <param name="sets">The instruction sets that it is compiled for.</param>
    /// <exception cref="SubpException">SUBP0605: one does not.</exception>
    public void CheckTiles(IntegerConvolutionPlan plan, IReadOnlyList<InstructionSet> sets)
    {
        foreach (var set in sets)
        {
            if (TileOf(set) is not { } tile)
                continue;
            var most = ProductModes.Of(plan, set).Max(mode => new QuadVectors(set, mode).RegisterPixels(plan));
            if (tile.Height > 1 || tile.Width > most)
                throw HintedNodes.Misfit(
                    plan.Node.Name,
                    $"a tile of {TileHint.Word(tile.Height, tile.Width)} pixels for {set.Word()}",
                    Invariant($"one row of at most {most} pixels, whose sums stay in registers")
                );
        }
    }

    private static int Rows(string node, string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows >= 1
            ? rows
            : throw new SubpException(
                DiagnosticDescriptors.InvalidHint,
                $"hint of '{node}'",
                $"{Band}={word}",
                "a number of output rows, 1 or more"
            );

    private Extent? TileOf(InstructionSet set) => Tiles.TryGetValue(set, out var tile) ? tile : AnyTile;
}

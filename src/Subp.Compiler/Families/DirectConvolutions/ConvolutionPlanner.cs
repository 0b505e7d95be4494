using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>Chooses how a convolution (or a block-sparse linear layer, which is a 1x1 convolution of one pixel) is computed.</summary>
internal static class ConvolutionPlanner
{
    /// <summary>
    /// The most rows of a register tile; more never pays, since tiles of one row already fill the registers on wide maps.
    /// </summary>
    private const int MaximumTileRows = 4;

    /// <summary>
    /// The order of loops: groups outside where a layer has more weights than input values, so that each weight is fetched once.
    /// </summary>
    public static bool GroupsOutside(ConvolutionForm form, BlockPattern pattern, Window window, TensorShape input) =>
        form == ConvolutionForm.StraightLine
        || (long)pattern.KeptBlocks * pattern.BlockLength * window.Kernel.Height * window.Kernel.Width > input.ElementCount;

    /// <summary>Everything about the code of a convolution: form, bands and one kernel per instruction set.</summary>
    public readonly record struct Choice(ConvolutionForm Form, string? FormReason, int BandRows, IReadOnlyList<ConvolutionKernel> Kernels);

    /// <summary>Chooses form, tiles and unrolling.</summary>
    /// <exception cref="SubpException">No kernel exists for the block length, or a hint asks for what the layer cannot have.</exception>
    public static Choice Choose(
        string node,
        BlockPattern pattern,
        bool isSparse,
        Window window,
        int height,
        int width,
        int batch,
        CompileOptions options,
        LayerHints hints
    )
    {
        if (pattern.BlockLength % 4 != 0)
            throw new SubpException(
                DiagnosticDescriptors.NoKernelForBlockLength,
                $"layer '{node}'",
                InvariantText.Invariant($"1x{pattern.BlockLength} blocks"),
                "a block length that is a multiple of 4",
                "Prune with N = 4, 8, 16 or 32, or pack the network again: packing widens narrow blocks."
            );
        var sets = options.InstructionSets;
        var (form, reason) = hints.Form is { } asked
            ? (HintedForm(node, asked, pattern, isSparse, window, height, width, batch, options), null)
            : ChooseForm(pattern, isSparse, window, height, width, batch, options);
        if (form == ConvolutionForm.StraightLine && hints.GroupOutside == false)
            throw HintedNodes.Misfit(node, "bands as the outer loop of straight-line code", "groups: their code is fetched once");
        var rowChoices =
            form == ConvolutionForm.StraightLine
                ? Enumerable.Range(1, Math.Min(MaximumTileRows, height)).Where(rows => height % rows == 0)
                : Enumerable.Range(1, Math.Min(MaximumTileRows, height));
        var mayHold = form != ConvolutionForm.Table;
        var hinted = new HintedTile(node, hints, pattern.BlockLength, window, height, width, form);
        var tiles = Tiles(sets, pattern, window, height, width, rowChoices, mayHold, hinted);
        return new Choice(
            form,
            reason,
            tiles[0].Rows,
            [
                .. sets.Select(
                    (set, index) =>
                        Kernel(set, tiles[index], pattern.BlockLength, window, form) with
                        {
                            FlatPixels =
                                form == ConvolutionForm.StraightLine || hints.TileOf(set) is not null
                                    ? 0
                                    : FlatPixels(set, tiles[index], pattern, window, height, width),
                        }
                ),
            ]
        );
    }

    /// <summary>True where straight-line code of a sparse layer fits into the budgets.</summary>
    public static bool CanBeStraightLine(BlockPattern pattern, Window window, int height, int width, int batch, CompileOptions options) =>
        ChooseForm(pattern, isSparse: true, window, height, width, batch, options with { Unroll = UnrollMode.Full }).Form
        == ConvolutionForm.StraightLine;

    private static ConvolutionForm HintedForm(
        string node,
        ConvolutionForm form,
        BlockPattern pattern,
        bool isSparse,
        Window window,
        int height,
        int width,
        int batch,
        CompileOptions options
    )
    {
        var hint = $"{HintReader.Form}={HintReader.FormWord(form)}";
        if (!isSparse)
            throw HintedNodes.Misfit(node, $"{hint} for a weight without pruned 1xN blocks", "a block-sparse weight");
        if (form != ConvolutionForm.StraightLine)
            return form;
        var (possible, reason) = ChooseForm(pattern, isSparse, window, height, width, batch, options with { Unroll = UnrollMode.Full });
        return possible == form ? form : throw HintedNodes.Misfit(node, $"{hint}, but {reason}", "another form");
    }

    private static (ConvolutionForm Form, string? Reason) ChooseForm(
        BlockPattern pattern,
        bool isSparse,
        Window window,
        int height,
        int width,
        int batch,
        CompileOptions options
    )
    {
        if (!isSparse)
            return (pattern.IsFull ? ConvolutionForm.Dense : ConvolutionForm.TapUnrolled, null);
        if (options.Unroll == UnrollMode.Never)
            return (ConvolutionForm.Table, null);
        if (options.Unroll == UnrollMode.Taps)
            return (ConvolutionForm.TapUnrolled, null);
        var divisors = Enumerable.Range(1, Math.Min(MaximumTileRows, height)).Where(rows => height % rows == 0);
        var tiles = Tiles(options.InstructionSets, pattern, window, height, width, divisors, mayHold: true);
        // One kept block is the least that a method of straight-line code can hold.
        var largestBlock = tiles.Max(tile => CodeBudget.Instructions(tile, window, blocks: 1));
        var multiplyAdds = options.InstructionSets.Zip(tiles, (set, tile) => StraightLineMultiplyAdds(set, pattern, tile, window)).Sum();
        if (options.Unroll == UnrollMode.Full)
        {
            if (largestBlock > CodeBudget.MethodInstructions)
                return (
                    ConvolutionForm.TapUnrolled,
                    InvariantText.Invariant(
                        $"straight-line code of one kept block would be {largestBlock} instructions; the budget of a method is "
                            + $"{CodeBudget.MethodInstructions}"
                    )
                );
            return multiplyAdds <= CodeBudget.FullLayerMultiplyAdds
                ? (ConvolutionForm.StraightLine, null)
                : (
                    ConvolutionForm.TapUnrolled,
                    InvariantText.Invariant(
                        $"straight-line code would hold {multiplyAdds} multiply-adds; the budget of a layer is "
                            + $"{CodeBudget.FullLayerMultiplyAdds}"
                    )
                );
        }

        var longestGroup = Enumerable.Range(0, pattern.Groups).Max(group => pattern.Kept(group).Count);
        var groupBytes = (long)longestGroup * CodeBudget.BlockCodeBytes(tiles[0], window);
        var runs = (long)batch * (height / tiles[0].Rows) * tiles[0].ColumnTiles(width);
        var oneSegment = CodeBudget.Instructions(tiles[0], window, longestGroup) <= CodeBudget.MethodInstructions;
        return
            multiplyAdds <= CodeBudget.AutoLayerMultiplyAdds
            && groupBytes <= CodeBudget.AutoGroupCodeBytes
            && runs >= CodeBudget.AutoMinimumTiles
            && oneSegment
            && largestBlock <= CodeBudget.MethodInstructions
            ? (ConvolutionForm.StraightLine, null)
            : (ConvolutionForm.TapUnrolled, null);
    }

    /// <summary>The multiply-adds that the straight-line form of a layer writes out for one instruction set.</summary>
    private static long StraightLineMultiplyAdds(InstructionSet set, BlockPattern pattern, ConvolutionTile tile, Window window) =>
        (long)pattern.KeptBlocks
        * (pattern.BlockLength / VectorUnit.For(set, pattern.BlockLength).Lanes)
        * tile.Pixels
        * window.Kernel.Height
        * window.Kernel.Width;

    /// <summary>
    /// The tile of every set. All sets share one schedule, so the bands of the first set bind the others: they take a whole band or one row
    /// at a time.
    /// </summary>
    private static ConvolutionTile[] Tiles(
        IReadOnlyList<InstructionSet> sets,
        BlockPattern pattern,
        Window window,
        int height,
        int width,
        IEnumerable<int> rowChoices,
        bool mayHold,
        HintedTile? hinted = null
    )
    {
        var first = hinted?.Of(sets[0], bandRows: null) ?? Tile(sets[0], pattern, window, height, width, rowChoices, mayHold);
        int[] bands = first.Rows == 1 ? [1] : [1, first.Rows];
        return
        [
            first,
            .. sets.Skip(1).Select(set => hinted?.Of(set, first.Rows) ?? Tile(set, pattern, window, height, width, bands, mayHold)),
        ];
    }

    private static ConvolutionTile Tile(
        InstructionSet set,
        BlockPattern pattern,
        Window window,
        int height,
        int width,
        IEnumerable<int> rowChoices,
        bool mayHold
    )
    {
        var unit = VectorUnit.For(set, pattern.BlockLength);
        var blocks = pattern.KeptBlocks / pattern.Groups;
        return ConvolutionTile.Choose(unit, unit.VectorsFor(pattern.BlockLength), window, height, width, rowChoices, blocks, mayHold);
    }

    private static int FlatPixels(InstructionSet set, ConvolutionTile tile, BlockPattern pattern, Window window, int height, int width) =>
        tile.FlatPixels(VectorUnit.For(set, pattern.BlockLength), window, height, width, pattern.KeptBlocks / pattern.Groups);

    private static ConvolutionKernel Kernel(InstructionSet set, ConvolutionTile tile, int blockLength, Window window, ConvolutionForm form)
    {
        var unit = VectorUnit.For(set, blockLength);
        var parts = blockLength / (unit.Lanes * tile.Vectors);
        var (rows, columns) = (window.Kernel.Height, window.Kernel.Width);
        if (form == ConvolutionForm.Table)
        {
            (rows, columns) = (1, 1);
        }
        else if (form != ConvolutionForm.StraightLine)
        {
            // Very large kernels (a 7x7 stem) become loops over kernel rows, so that decoded instructions are used again, then over taps,
            // to stay under the limits of the JIT.
            if (
                CodeBudget.BlockCodeBytes(tile, window) > CodeBudget.BlockLoopBytes
                || CodeBudget.Instructions(tile, window, blocks: 1) > CodeBudget.MethodInstructions
            )
                rows = 1;
            if (CodeBudget.Instructions(tile, window, blocks: 1) / window.Kernel.Height > CodeBudget.MethodInstructions)
                (columns, tile) = (1, tile with { HoldsPixels = false });
        }

        return new ConvolutionKernel(set, unit, tile, parts, rows, columns, CodeBudget.MethodBlocks(tile, window));
    }
}

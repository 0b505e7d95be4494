using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning.Costs;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// The order in which a direct kernel walks groups and tiles. What a tile reads is used by every group, and the weights of a group by every
/// tile: whichever loop is inside, the data of the outer one should lie in the first-level cache and that of the inner one in the second.
/// </summary>
/// <param name="GroupOutside">True where each group walks all tiles before the next group begins.</param>
/// <param name="ChunkGroups">Otherwise, how many groups a tile is used for before the next tile; then come the next groups.</param>
internal readonly record struct LoopOrder(bool GroupOutside, int ChunkGroups)
{
    /// <summary>
    /// Bytes of weights that stay in the second-level cache while tiles pass: a quarter of the 512 KB of the smallest that is common, since
    /// inputs and outputs pass through as well.
    /// </summary>
    private const double ChunkBytes = 128 * 1024;

    /// <summary>
    /// Tiles from which chunks are made: every chunk reads all inputs once more. With AVX2 on Zen 3 maps of 33 tiles gained and maps of 9
    /// and of 14 lost, see docs/decisions/0011.
    /// </summary>
    private const double LeastTiles = 24;

    /// <summary>The order of a kernel of a convolution.</summary>
    public static LoopOrder Of(ConvolutionPlan plan, ConvolutionKernel kernel) =>
        Of(
            plan.GroupOutside,
            plan.IsLoopHinted,
            plan.Form,
            plan.Pattern,
            plan.Convolution.Window,
            plan.Output!.Shape,
            plan.TileOf(kernel),
            plan.Frame.Machine
        );

    /// <summary>The order of a kernel.</summary>
    /// <param name="groupOutside">The order where a tile's input does not fit into the first-level cache.</param>
    /// <param name="isHinted">True where that is a hint, which is obeyed.</param>
    /// <param name="form">The form of unrolling.</param>
    /// <param name="pattern">The kept blocks.</param>
    /// <param name="window">Kernel, stride and dilation.</param>
    /// <param name="output">The output, an image or a vector.</param>
    /// <param name="tile">The register tile.</param>
    /// <param name="machine">The machine whose caches hold what is read again.</param>
    public static LoopOrder Of(
        bool groupOutside,
        bool isHinted,
        ConvolutionForm form,
        Core.Sparsity.BlockPattern pattern,
        Core.Operators.Window window,
        Core.Graphs.TensorShape output,
        ConvolutionTile tile,
        MachineDescription machine
    )
    {
        var tileBytes = (double)tile.InputPixels(window) * pattern.InputChannels * sizeof(float);
        if (isHinted || form == ConvolutionForm.StraightLine || machine.LevelOf(tileBytes) != CacheLevel.First)
            return new LoopOrder(groupOutside, pattern.Groups);
        var weightBytes = (double)pattern.KeptBlocks * pattern.BlockLength * window.Kernel.Height * window.Kernel.Width * sizeof(float);
        var tiles = (double)output.ElementCount / output.Channels / tile.Pixels;
        // Weights of up to two chunks are left together: the tiles would be read twice for little.
        var chunks = tiles < LeastTiles || weightBytes <= 2 * ChunkBytes ? 1 : (int)Math.Ceiling(weightBytes / ChunkBytes);
        return new LoopOrder(GroupOutside: false, Math.Max(1, (pattern.Groups + chunks - 1) / chunks));
    }
}

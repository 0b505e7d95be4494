using Subp.Core.Operators;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// How large emitted methods may get. RyuJIT silently stops optimising a method of more than 20,000 IL instructions or 60,000 IL bytes
/// (whichever comes first), even under AggressiveOptimization; the result is 3 to 8 times slower. The estimates below are those of the
/// emitted forms, counted on compiled methods: a multiply-add of locals 5 instructions, a broadcast load 9, a vector load 8, an address
/// from steps up to 20.
/// </summary>
internal static class CodeBudget
{
    /// <summary>
    /// The most IL instructions of one emitted method: 20,000 is the cliff, the rest is margin for prologue and epilogue.
    /// </summary>
    public const int MethodInstructions = 18_000;

    /// <summary>
    /// Above this much machine code for one group the straight-line form is no longer chosen on its own. Measured on Cascade Lake, AVX-512:
    /// at 11 KB a group (32 to 32 channels, 28x28) it is as fast as tap-unrolled code, at 21 KB (64 to 64, 14x14) it reaches 75 % of the
    /// peak against 91 %.
    /// </summary>
    public const int AutoGroupCodeBytes = 16 * 1024;

    /// <summary>
    /// Above this many multiply-adds in one layer, all instruction sets together (about 200 KB of C#), the straight-line form is no longer
    /// chosen on its own. Measured on AVX-512 at 75 % sparsity, straight-line against tap-unrolled: 1x1, 64 to 64 channels, 56x56, 202 us
    /// and 177 us; 1x1 stride 2, 64 to 128, 57 us and 47 us; 3x3 stride 2, 32 to 32, 59 us and 56 us; 1x1, 32 to 64, 28x28, 11.4 us and
    /// 10.8 us. One such layer was also four fifths of all statements that the C# compiler had to bind in a network of the size of
    /// ResNet-50.
    /// </summary>
    public const int AutoLayerMultiplyAdds = 2 * 1024;

    /// <summary>
    /// Above this much machine code for one block its kernel rows become a loop: the core keeps some 1,500 decoded instructions, and
    /// decodes the rest at 16 bytes a cycle, fewer than two multiply-adds with their pixels need. A 7x7 stem of 22 KB a block took 1.94 ms
    /// unrolled.
    /// </summary>
    public const int BlockLoopBytes = 12 * 1024;

    /// <summary>
    /// Below this many tiles per group the straight-line form is not chosen on its own: each of its instructions would run too rarely.
    /// </summary>
    public const int AutoMinimumTiles = 8;

    /// <summary>
    /// The most multiply-adds that <c>--unroll full</c> writes out for one layer, all instruction sets together: about 12 MB of C#.
    /// </summary>
    public const int FullLayerMultiplyAdds = 160 * 1024;

    /// <summary>Locals that IL reaches with a short instruction.</summary>
    private const int ShortLocals = 255;

    /// <summary>
    /// The IL instructions of some kept blocks with all taps unrolled. The C# compiler gives each scope locals of its own, and writes an
    /// access to a local beyond the first 255 as an instruction with two bytes too many, which count as instructions that do nothing.
    /// </summary>
    public static long Instructions(ConvolutionTile tile, Window window, int blocks)
    {
        var taps = window.Kernel.Height * window.Kernel.Width;
        var multiplyAdds = tile.Vectors * tile.Pixels * taps;
        var weightLoads = tile.Vectors * taps;
        var pixelLoads = PixelLoads(tile, window);
        // Where several taps read one pixel, its address is computed from steps that the JIT cannot compare, per tap or per held row.
        var addresses =
            tile.HoldsPixels ? (tile.Rows > 1 ? window.Kernel.Height : 0)
            : window.Kernel.Width > 1 ? taps
            : 0;
        long block = (multiplyAdds * 5) + (weightLoads * 8) + (pixelLoads * 9) + (addresses * 20) + 20;
        var padding = 2 * ((2 * multiplyAdds) + weightLoads + pixelLoads);
        var scoped = tile.HoldsPixels
            ? (window.Kernel.Height * (tile.HeldPixels(window) + 1)) + weightLoads + 1
            : weightLoads + (2 * taps) + 1;
        var shortBlocks = Math.Max(0, ShortLocals - (tile.Vectors * (tile.Pixels + 1))) / scoped;
        return (block * blocks) + ((long)padding * Math.Max(0, blocks - shortBlocks));
    }

    /// <summary>The most kept blocks of one method, at least one.</summary>
    public static int MethodBlocks(ConvolutionTile tile, Window window)
    {
        var blocks = 1;
        while (Instructions(tile, window, blocks + 1) <= MethodInstructions)
            blocks++;
        return blocks;
    }

    /// <summary>
    /// The machine code of one kept block with all taps unrolled, in bytes: 6 for a register multiply-add, 10 for a load with a long
    /// displacement.
    /// </summary>
    public static int BlockCodeBytes(ConvolutionTile tile, Window window)
    {
        var taps = window.Kernel.Height * window.Kernel.Width;
        var multiplyAdds = tile.Vectors * tile.Pixels * taps;
        return (multiplyAdds * 6) + (PixelLoads(tile, window) * 10) + (tile.Vectors * taps * 10);
    }

    private static int PixelLoads(ConvolutionTile tile, Window window) =>
        tile.HoldsPixels
            ? window.Kernel.Height * tile.Rows * tile.HeldPixels(window)
            : tile.Pixels * window.Kernel.Height * window.Kernel.Width;
}

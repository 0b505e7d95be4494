using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.Winograd;

/// <summary>How much of a layer is worked on at a time, so that transformed inputs and products stay in the second-level cache.</summary>
internal static class WinogradBlocking
{
    /// <summary>
    /// Output channels of a chunk: each transformed input vector is read by 64 / N groups while it is in the first-level cache.
    /// </summary>
    private const int ChunkChannels = 64;

    /// <summary>
    /// Floats of transformed input and products that a block may hold: 1 MB, the second-level cache of the processors this was measured on.
    /// </summary>
    private const int BlockFloats = 256 * 1024;

    /// <summary>Fewer tiles than this in a block cost more in weights that are read again than they save in cache.</summary>
    private const int MinimumBlockTiles = 14;

    /// <summary>The groups of a chunk, as even as possible over all chunks.</summary>
    public static int ChunkGroups(BlockPattern pattern)
    {
        var most = Math.Max(1, ChunkChannels / pattern.BlockLength);
        var chunks = (pattern.Groups + most - 1) / most;
        return (pattern.Groups + chunks - 1) / chunks;
    }

    /// <summary>The most tiles of a block.</summary>
    public static int BlockTiles(WinogradTransform transform, int channelBlocks, int chunkChannels)
    {
        // A stem has some 150 KB of weights at its 49 positions, which want a share of the cache as well, and 14 tiles of two vectors fill
        // the registers of AVX-512. Other sizes were not measured.
        if (transform == WinogradTransform.FourByFour)
            return MinimumBlockTiles;
        var perTile = transform.Positions * ((channelBlocks * 16) + chunkChannels);
        return Math.Max(MinimumBlockTiles, Math.Min(WinogradKernel.BlockTiles, BlockFloats / perTile));
    }
}

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// How a product is cut so that what it reads many times lies near. The weights of a part of the sum and one strip of target channels stay
/// in the first-level cache while all tiles of a group pass; the gathered pixels and sums of the group stay in the second-level cache
/// while all strips pass; the weights of a layer come from further away once for each group. Sums are the same bits however they are cut.
/// </summary>
/// <param name="Lines">The lines of a panel that a part of the sum takes.</param>
/// <param name="Tiles">The tiles of a group.</param>
internal readonly record struct ProductBlocking(int Lines, int Tiles)
{
    // Weights of 128 rows and 32 channels are 16 KB, half of the smallest first-level cache. Sums are loaded and stored once for each
    // part, which is 1 in 32 of its multiply-adds.
    private const int Rows = 128;

    // A half of the smallest second-level cache, in floats.
    private const int GroupLength = 256 * 1024 / sizeof(float);

    // Parts of masked products, of whose lines only some rows are kept, are longer, up to a panel of 24 KB with tiles of 6 pixels.
    private const int MostLines = 64;

    private const int MostTiles = 32;

    /// <summary>The cut of a product.</summary>
    /// <param name="tilePixels">The pixels of a tile.</param>
    /// <param name="lanes">The rows of a line.</param>
    /// <param name="targetBlocks">The blocks of target channels that read the same panel.</param>
    /// <param name="keptShare">The share of the rows that takes part.</param>
    public static ProductBlocking Of(int tilePixels, int lanes, int targetBlocks, double keptShare = 1)
    {
        int lines = (int)Math.Clamp(Rows / (lanes * Math.Max(keptShare, 1e-6)), 1, Math.Max(MostLines, Rows / lanes));
        int length = (lines + targetBlocks) * tilePixels * MicroKernel.Lanes;
        return new ProductBlocking(lines, Math.Clamp(GroupLength / length, 1, MostTiles));
    }

    /// <summary>The floats that the panels and sums of a group take, whatever share of the rows is kept.</summary>
    public static long ScratchLength(int tilePixels, int lanes, int targetBlocks) =>
        Math.Max(GroupLength, (long)(Math.Max(MostLines, Rows / lanes) + targetBlocks) * tilePixels * MicroKernel.Lanes);
}

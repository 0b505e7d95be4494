namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// The rows of a masked product that have a weight left: a row is one source channel at one tap for a block of 16 target channels, so that
/// with 1xN blocks of 16 and more output channels every pruned block is a row less for each tap. Kept rows lie one after the other,
/// [target block][kept row][16]; the products read a panel through their places in it and leave all others out.
/// </summary>
internal sealed class KeptRows
{
    // A row costs a product of one block the load of its place, and two blocks no longer share the broadcast of a pixel.
    private const double WorthWhile = 0.85;

    private KeptRows(int[] places, int[] starts, int[] positions, double share) =>
        (Places, Starts, Positions, Share) = (places, starts, positions, share);

    /// <summary>Where the pixels of each kept row lie in a panel [tap][source block][tile pixel][16].</summary>
    public int[] Places { get; }

    /// <summary>The first kept row of every target block, and the number of all rows at the end.</summary>
    public int[] Starts { get; }

    /// <summary>Where each weight lies; -1 for those of rows that are left out.</summary>
    public int[] Positions { get; }

    /// <summary>The share of all rows that is kept.</summary>
    public double Share { get; }

    /// <summary>The number of stored floats.</summary>
    public int Length => Places.Length * MicroKernel.Lanes;

    /// <summary>The kept rows of a mask; null where leaving out the others would not pay.</summary>
    /// <param name="layout">Where dense weights lie; its strips must read the whole source.</param>
    /// <param name="densePositions">The position of each weight in that layout.</param>
    /// <param name="mask">One factor per weight, 0 where it is pruned.</param>
    /// <param name="tilePixels">The pixels of a tile of the panel.</param>
    public static KeptRows? Of(ProductLayout layout, int[] densePositions, float[] mask, int tilePixels)
    {
        if (!layout.WholeSource || layout.Taps == 0)
            return null;
        int rows = layout.Taps * layout.Strips[0].SourceBlocks * layout.Rows;
        var kept = new bool[layout.TargetBlocks * rows];
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] != 0 && densePositions[i] >= 0)
                kept[RowOf(layout, rows, densePositions[i])] = true;
        }

        int count = kept.Count(row => row);
        if (count > WorthWhile * kept.Length)
            return null;
        var numbers = new int[kept.Length];
        var starts = new int[layout.TargetBlocks + 1];
        var places = new int[count];
        int next = 0;
        for (int row = 0; row < kept.Length; row++)
        {
            if (row % rows == 0)
                starts[row / rows] = next;
            numbers[row] = kept[row] ? next : -1;
            if (!kept[row])
                continue;
            int inBlock = row % rows;
            places[next++] = (inBlock / layout.Rows * tilePixels * MicroKernel.Lanes) + (inBlock % layout.Rows);
        }

        starts[layout.TargetBlocks] = next;
        var positions = new int[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            int number = densePositions[i] < 0 ? -1 : numbers[RowOf(layout, rows, densePositions[i])];
            positions[i] = number < 0 ? -1 : (number * MicroKernel.Lanes) + (densePositions[i] % MicroKernel.Lanes);
        }

        return new KeptRows(places, starts, positions, count / (double)kept.Length);
    }

    /// <summary>The first kept row of a target block that lies at a place of the panel or after it, or that after the last.</summary>
    public int FirstRow(int targetBlock, long place)
    {
        int found = Array.BinarySearch(Places, Starts[targetBlock], Starts[targetBlock + 1] - Starts[targetBlock], (int)place);
        return found < 0 ? ~found : found;
    }

    // The number of a row among those of all target blocks.
    private static int RowOf(ProductLayout layout, int rows, int position)
    {
        var strip = layout.Strips[(int)Math.Min(position / (2L * MicroKernel.Lanes * rows), layout.Strips.Length - 1)];
        int inStrip = (int)(position - strip.Offset);
        int block = strip.FirstTargetBlock + (inStrip % strip.Width / MicroKernel.Lanes);
        return (block * rows) + (inStrip / strip.Width);
    }
}

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// How many pixels tiles have: one of two neighbouring sizes, so that no pixel is computed twice. Of pixels that lie side by side over
/// rows a band may have too few for that; then the last tile moves left to the end.
/// </summary>
internal static class TilePixels
{
    // A tile costs its pixels and about three more, for what it reads and unpacks of the weights.
    private const int Overhead = 3;

    /// <summary>The tiles of some neighbouring pixels, the longer ones first.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="most">The most pixels whose sums stay in registers.</param>
    public static IReadOnlyList<int> Divide(int pixels, int most)
    {
        var tiles = (pixels + most - 1) / most;
        return [.. Enumerable.Range(0, tiles).Select(index => (pixels / tiles) + (index < pixels % tiles ? 1 : 0))];
    }

    /// <summary>
    /// Whether two rows are divided together, so that one tile has pixels of both: where tiles of one row would have so few sums that each
    /// waits for itself.
    /// </summary>
    /// <param name="width">The pixels of a row.</param>
    /// <param name="most">The most pixels whose sums stay in registers.</param>
    /// <param name="least">The fewest pixels that take no longer than their products.</param>
    public static bool JoinsTwoRows(int width, int most, int least)
    {
        return 2 * Cost(width) > Cost(2 * width);

        int Cost(int pixels) => Divide(pixels, most).Sum(tile => Math.Max(tile, least));
    }

    /// <summary>
    /// The pixels of a tile where rows are joined, and whether a few tiles at the end have one less, so that they end with the band; else
    /// the last one moves left.
    /// </summary>
    /// <param name="plan">The layer.</param>
    /// <param name="most">The most pixels whose sums stay in registers.</param>
    public static (int Pixels, bool EndWithBand) OfJoinedRows(IntegerConvolutionPlan plan, int most) => Cheapest(plan, most).Tile;

    /// <summary>What the tiles of a layer cost, relative to those of another limit.</summary>
    /// <param name="plan">The layer.</param>
    /// <param name="most">The most pixels of a tile.</param>
    public static long Cost(IntegerConvolutionPlan plan, int most) =>
        plan.IsOneRow
            ? Cheapest(plan, most).Cost
            : plan.OutputShape.Height * (plan.OutputShape.Width + ((long)Divide(plan.OutputShape.Width, most).Count * Overhead));

    /// <summary>True where two limits give the same tiles.</summary>
    /// <param name="plan">The layer.</param>
    /// <param name="most">The most pixels of a tile.</param>
    /// <param name="other">The other limit.</param>
    public static bool AreSame(IntegerConvolutionPlan plan, int most, int other)
    {
        var width = plan.OutputShape.Width;
        return plan.IsOneRow
            ? OfJoinedRows(plan, most) == OfJoinedRows(plan, other)
            : Divide(width, most).Count == Divide(width, other).Count && Divide(2 * width, most).Count == Divide(2 * width, other).Count;
    }

    private static ((int Pixels, bool EndWithBand) Tile, long Cost) Cheapest(IntegerConvolutionPlan plan, int most)
    {
        var (height, width) = (plan.OutputShape.Height, plan.OutputShape.Width);
        var last = height - ((plan.Bands - 1) * plan.BandRows);
        (int Pixels, int Count)[] bands = [(plan.BandRows * width, plan.Bands - 1), (last * width, 1)];
        bands = [.. bands.Where(band => band.Count > 0)];
        var (best, least) = ((Pixels: 1, EndWithBand: false), long.MaxValue);
        for (var pixels = 1; pixels <= most; pixels++)
        {
            if (bands.Any(band => band.Pixels < pixels))
                break;
            var isDivided = bands.All(band => band.Pixels % pixels == 0);
            var endWithBand = !isDivided && bands.All(band => Shorter(band.Pixels, pixels) * (pixels - 1) <= band.Pixels);
            var cost = bands.Sum(band =>
            {
                var tiles = (band.Pixels + pixels - 1) / pixels;
                return (long)band.Count * ((endWithBand ? band.Pixels : tiles * pixels) + (tiles * Overhead));
            });
            if (cost <= least)
                (best, least) = ((pixels, endWithBand), cost);
        }

        return (best, least);
    }

    // How many tiles have a pixel less, so that all pixels are divided.
    private static int Shorter(int count, int pixels) => (pixels - (count % pixels)) % pixels;
}

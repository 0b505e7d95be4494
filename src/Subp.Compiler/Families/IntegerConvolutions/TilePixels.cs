namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// How many pixels a tile has: as many as keep the work that is done twice at the ends of rows small. A tile costs its pixels and about
/// three more, for what it reads and unpacks of the weights.
/// </summary>
internal static class TilePixels
{
    private const int Overhead = 3;

    /// <summary>The pixels of a tile.</summary>
    /// <param name="plan">The layer.</param>
    /// <param name="most">The most whose sums stay in registers.</param>
    public static int Choose(IntegerConvolutionPlan plan, int most)
    {
        var (height, width) = (plan.OutputShape.Height, plan.OutputShape.Width);
        var last = height - ((plan.Bands - 1) * plan.BandRows);
        (int Pixels, int Count)[] rows = plan.IsOneRow ? [(plan.BandRows * width, plan.Bands - 1), (last * width, 1)] : [(width, height)];
        var (best, least) = (1, long.MaxValue);
        for (var pixels = 1; pixels <= most; pixels++)
        {
            if (rows.Any(row => row.Count > 0 && row.Pixels < pixels))
                break;
            var cost = rows.Sum(row => (long)row.Count * ((row.Pixels + pixels - 1) / pixels) * (pixels + Overhead));
            if (cost <= least)
                (best, least) = (pixels, cost);
        }

        return best;
    }
}

using Subp.Compression.Algebra;

namespace Subp.Compression.Restoration;

/// <summary>
/// UDFC (Bai et al., ICCV 2023, arXiv 2308.07209): a channel that was damaged is rebuilt as a linear combination of other channels,
/// found in closed form from the weights alone, and the next layer reads the combination. The formulas are derived from the published
/// assumption; the factors are those of its ablation as far as they are known.
/// </summary>
internal static class Udfc
{
    /// <summary>The factor of the biases in the loss.</summary>
    public const double BiasFactor = 0.01;

    /// <summary>The factor of the size of the combination in the loss.</summary>
    public const double SizeFactor = 0.008;

    /// <summary>The combinations of kept channels that stand for removed ones: [kept, removed].</summary>
    /// <param name="channels">The channels before the activation.</param>
    /// <param name="kept">The channels that stay.</param>
    /// <param name="removed">The channels that go.</param>
    /// <param name="biasFactor">alpha 1.</param>
    /// <param name="sizeFactor">alpha 2, above 0.</param>
    public static Matrix Combinations(
        FoldedFilters channels,
        IReadOnlyList<int> kept,
        IReadOnlyList<int> removed,
        double biasFactor = BiasFactor,
        double sizeFactor = SizeFactor
    ) => Combinations(channels, channels, kept, removed, biasFactor, sizeFactor);

    /// <summary>
    /// What every quantised channel gives to the lost part of every other: [giving, lost], zero on the diagonal. The next layer reads
    /// channel i with V[i] + the sum over j of S[i, j] V[j].
    /// </summary>
    /// <param name="exact">The channels before quantisation.</param>
    /// <param name="quantised">The channels after it.</param>
    /// <param name="biasFactor">alpha 1.</param>
    /// <param name="sizeFactor">alpha 2, above 0.</param>
    public static Matrix LostParts(
        FoldedFilters exact,
        FoldedFilters quantised,
        double biasFactor = BiasFactor,
        double sizeFactor = SizeFactor
    ) => LostParts(exact, quantised, [.. Enumerable.Range(0, exact.Channels)], biasFactor, sizeFactor);

    /// <summary>
    /// What the next layer reads where channels were removed and those that stay were quantised, at once: [read, was], rows of removed
    /// channels zero. V'[i] is the sum over j of the map times V[j]: quantised channels stand for removed ones, and for what others lost.
    /// </summary>
    /// <param name="exact">The channels before.</param>
    /// <param name="quantised">The channels after it.</param>
    /// <param name="kept">The channels that stay.</param>
    /// <param name="removed">The channels that go.</param>
    public static Matrix Map(FoldedFilters exact, FoldedFilters quantised, IReadOnlyList<int> kept, IReadOnlyList<int> removed)
    {
        // Without quantisation nothing is lost by those that stay.
        var map = exact.Filters.Values.AsSpan().SequenceEqual(quantised.Filters.Values)
            ? new Matrix(exact.Channels, exact.Channels)
            : LostParts(exact, quantised, kept, BiasFactor, SizeFactor);
        foreach (var channel in kept)
            map[channel, channel] = 1;
        if (removed.Count == 0)
            return map;
        var combinations = Combinations(exact, quantised, kept, removed, BiasFactor, SizeFactor);
        for (var row = 0; row < kept.Count; row++)
        {
            for (var column = 0; column < removed.Count; column++)
                map[kept[row], removed[column]] = combinations[row, column];
        }

        return map;
    }

    private static Matrix Combinations(
        FoldedFilters exact,
        FoldedFilters giving,
        IReadOnlyList<int> kept,
        IReadOnlyList<int> removed,
        double biasFactor,
        double sizeFactor
    )
    {
        var right = new Matrix(kept.Count, removed.Count);
        Parallel.For(
            0,
            kept.Count,
            row =>
            {
                for (var column = 0; column < removed.Count; column++)
                    right[row, column] =
                        Matrix.Dot(giving.Filters.Row(kept[row]), exact.Filters.Row(removed[column]))
                        + (biasFactor * giving.Bias[kept[row]] * exact.Bias[removed[column]]);
            }
        );
        return Cholesky.Factor(Products(giving, kept, biasFactor).WithRidge(sizeFactor)).Solve(right);
    }

    private static Matrix LostParts(
        FoldedFilters exact,
        FoldedFilters quantised,
        IReadOnlyList<int> kept,
        double biasFactor,
        double sizeFactor
    )
    {
        var result = new Matrix(exact.Channels, exact.Channels);
        var products = Products(quantised, kept, biasFactor);
        Parallel.ForEach(
            kept,
            lost =>
            {
                int[] places = [.. Enumerable.Range(0, kept.Count).Where(place => kept[place] != lost)];
                var right = new double[places.Length];
                var part = new double[exact.Filters.Columns];
                for (var index = 0; index < part.Length; index++)
                    part[index] = exact.Filters[lost, index] - quantised.Filters[lost, index];
                for (var row = 0; row < places.Length; row++)
                {
                    var channel = kept[places[row]];
                    right[row] =
                        Matrix.Dot(quantised.Filters.Row(channel), part)
                        + (biasFactor * quantised.Bias[channel] * (exact.Bias[lost] - quantised.Bias[lost]));
                }

                Cholesky.Factor(products.Take(places, places).WithRidge(sizeFactor)).Solve(right);
                for (var row = 0; row < places.Length; row++)
                    result[kept[places[row]], lost] = right[row];
            }
        );
        return result;
    }

    // F F' + alpha 1 b b' of some channels.
    private static Matrix Products(FoldedFilters channels, IReadOnlyList<int> chosen, double biasFactor)
    {
        var products = new Matrix(chosen.Count, chosen.Count);
        Parallel.For(
            0,
            chosen.Count,
            row =>
            {
                for (var column = 0; column < chosen.Count; column++)
                    products[row, column] =
                        Matrix.Dot(channels.Filters.Row(chosen[row]), channels.Filters.Row(chosen[column]))
                        + (biasFactor * channels.Bias[chosen[row]] * channels.Bias[chosen[column]]);
            }
        );
        return products;
    }
}

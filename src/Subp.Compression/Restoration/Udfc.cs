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
    )
    {
        var products = new Matrix(kept.Count, kept.Count);
        var right = new Matrix(kept.Count, removed.Count);
        double Product(int first, int second) =>
            Matrix.Dot(channels.Filters.Row(first), channels.Filters.Row(second))
            + (biasFactor * channels.Bias[first] * channels.Bias[second]);
        Parallel.For(
            0,
            kept.Count,
            row =>
            {
                for (var column = 0; column < kept.Count; column++)
                    products[row, column] = Product(kept[row], kept[column]);
                for (var column = 0; column < removed.Count; column++)
                    right[row, column] = Product(kept[row], removed[column]);
            }
        );
        return Cholesky.Factor(products.WithRidge(sizeFactor)).Solve(right);
    }

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
    )
    {
        var result = new Matrix(exact.Channels, exact.Channels);
        Parallel.For(
            0,
            exact.Channels,
            lost =>
            {
                int[] others = [.. Enumerable.Range(0, exact.Channels).Where(channel => channel != lost)];
                var products = new Matrix(others.Length, others.Length);
                var right = new double[others.Length];
                var part = new double[exact.Filters.Columns];
                for (var index = 0; index < part.Length; index++)
                    part[index] = exact.Filters[lost, index] - quantised.Filters[lost, index];
                for (var row = 0; row < others.Length; row++)
                {
                    var bias = biasFactor * quantised.Bias[others[row]];
                    var filter = quantised.Filters.Row(others[row]);
                    for (var column = 0; column <= row; column++)
                        products[row, column] =
                            Matrix.Dot(filter, quantised.Filters.Row(others[column])) + (bias * quantised.Bias[others[column]]);
                    right[row] = Matrix.Dot(filter, part) + (bias * (exact.Bias[lost] - quantised.Bias[lost]));
                }

                Cholesky.Factor(products.WithRidge(sizeFactor)).Solve(right);
                for (var row = 0; row < others.Length; row++)
                    result[others[row], lost] = right[row];
            }
        );
        return result;
    }
}

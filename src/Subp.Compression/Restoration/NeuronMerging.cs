using Subp.Compression.Algebra;

namespace Subp.Compression.Restoration;

/// <summary>
/// Neuron merging (Kim et al., NeurIPS 2020): a removed channel is taken as a multiple of one kept channel, whose filter points most nearly
/// the same way and whose bias, multiplied alike, is nearest; of one that resembles none nothing is taken.
/// </summary>
/// <remarks>
/// The multiple is that of the derivation, |F_j| / |F_k| of filters with their normalisation folded in. The published program has removed
/// and kept channels the other way round in it.
/// </remarks>
internal static class NeuronMerging
{
    /// <summary>The share of the directions of filters in a comparison; the rest is that of biases. As published for convolutions.</summary>
    private const double DirectionShare = 0.85;

    /// <summary>The cosine below which a filter resembles none. As published for convolutions.</summary>
    private const double LeastCosine = 0.1;

    /// <summary>The numbers by which kept channels stand in for removed ones.</summary>
    /// <param name="channels">All channels, their normalisation folded in.</param>
    /// <param name="kept">Those that stay.</param>
    /// <param name="removed">Those that go.</param>
    /// <returns>[kept, removed], at most one number in each column.</returns>
    public static Matrix Combinations(FoldedFilters channels, IReadOnlyList<int> kept, IReadOnlyList<int> removed)
    {
        var result = new Matrix(kept.Count, removed.Count);
        double Norm(int channel) => Math.Sqrt(Matrix.Dot(channels.Filters.Row(channel), channels.Filters.Row(channel)));
        double[] norms = [.. kept.Select(Norm)];
        for (var column = 0; column < removed.Count; column++)
        {
            var (channel, norm) = (removed[column], Norm(removed[column]));
            if (norm == 0)
                continue;
            Likeness[] likenesses =
            [
                .. Enumerable
                    .Range(0, kept.Count)
                    .Where(row => norms[row] > 0)
                    .Select(row => new Likeness(
                        row,
                        Matrix.Dot(channels.Filters.Row(kept[row]), channels.Filters.Row(channel)) / (norms[row] * norm),
                        Math.Abs(channels.Bias[channel] - (norm / norms[row] * channels.Bias[kept[row]]))
                    )),
            ];
            if (Nearest(likenesses) is { } nearest && nearest.Cosine >= LeastCosine)
                result[nearest.Row, column] = norm / norms[nearest.Row];
        }

        return result;
    }

    private static Likeness? Nearest(Likeness[] likenesses)
    {
        if (likenesses.Length == 0)
            return null;
        var (least, most) = (likenesses.Min(each => each.BiasDistance), likenesses.Max(each => each.BiasDistance));
        // Biases count relative to the nearest and the farthest of them, since they have units and cosines have none.
        double Relative(double distance) => most > least ? (distance - least) / (most - least) : 0;
        return likenesses.MinBy(each => (DirectionShare * (1 - each.Cosine)) + ((1 - DirectionShare) * Relative(each.BiasDistance)));
    }

    private sealed record Likeness(int Row, double Cosine, double BiasDistance);
}

using Subp.Compression.Algebra;

namespace Subp.Compression.Restoration;

/// <summary>
/// Neuron merging (Kim et al., NeurIPS 2020): a removed channel is taken as a multiple of the one kept channel whose filter points most
/// nearly the same way.
/// </summary>
internal static class NeuronMerging
{
    /// <summary>[kept, removed], one number in each column.</summary>
    public static Matrix Combinations(FoldedFilters channels, IReadOnlyList<int> kept, IReadOnlyList<int> removed)
    {
        var result = new Matrix(kept.Count, removed.Count);
        double Norm(int channel) => Math.Sqrt(Matrix.Dot(channels.Filters.Row(channel), channels.Filters.Row(channel)));
        double[] norms = [.. kept.Select(Norm)];
        for (var column = 0; column < removed.Count; column++)
        {
            var (best, nearest) = (-1, double.NegativeInfinity);
            for (var row = 0; row < kept.Count; row++)
            {
                if (norms[row] == 0)
                    continue;
                var cosine = Matrix.Dot(channels.Filters.Row(kept[row]), channels.Filters.Row(removed[column])) / norms[row];
                if (cosine > nearest)
                    (best, nearest) = (row, cosine);
            }

            if (best >= 0)
                result[best, column] = Norm(removed[column]) / norms[best];
        }

        return result;
    }
}

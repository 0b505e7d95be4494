namespace Subp.Training.Channels;

/// <summary>The stored values of a parameter.</summary>
/// <param name="parameter">Its name.</param>
public delegate ReadOnlySpan<float> StoredWeights(string parameter);

/// <summary>The L1 norms of filters, in double and in the order of the weights, so that they are the same everywhere.</summary>
public static class FilterNorms
{
    /// <summary>The norm of every channel of a class: the sum over the filters that compute it.</summary>
    /// <param name="filters">The weights whose rows are the filters.</param>
    /// <param name="channels">The number of rows.</param>
    /// <param name="values">The values of a parameter by its name.</param>
    public static double[] Sum(IEnumerable<ChannelCarrier> filters, int channels, StoredWeights values)
    {
        var norms = new double[channels];
        foreach (var filter in filters)
        {
            var weights = values(filter.Parameter);
            int row = weights.Length / channels;
            for (int index = 0; index < weights.Length; index++)
                norms[index / row] += Math.Abs(weights[index]);
        }

        return norms;
    }
}

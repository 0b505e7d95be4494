namespace Subp.Compression.Channels;

/// <summary>By what it is decided which channels of a group go.</summary>
public enum ChannelCriterion
{
    /// <summary>The variance of the next layers' outputs that no other channel explains.</summary>
    UnexplainedVariance,

    /// <summary>The sum of magnitudes of the filters.</summary>
    L1,

    /// <summary>The length of the filters.</summary>
    L2,

    /// <summary>The magnitude of the scale of batch normalisations (Liu et al., ICCV 2017).</summary>
    Gamma,

    /// <summary>The distance of a filter to all others; what is near all others goes (He et al., CVPR 2019).</summary>
    GeometricMedian,

    /// <summary>Chance, to compare with.</summary>
    Random,

    /// <summary>What the loss would change by, to first order (Molchanov et al., CVPR 2019); it needs gradients, which are
    /// given.</summary>
    Taylor,
}

/// <summary>What is done about the loss of channels, in the layers that read them.</summary>
public enum ChannelRestoration
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Batch normalisations get the statistics of the changed layers; biases take back the mean.</summary>
    BatchNorm,

    /// <summary>Neuron merging: the most similar kept channel stands for a removed one.</summary>
    Merge,

    /// <summary>UDFC: a combination of kept channels, from the weights alone.</summary>
    Udfc,

    /// <summary>A combination of kept channels, from their statistics, and the statistics of normalisations.</summary>
    Moments,
}

/// <summary>How many channels go, which, and what is done about it.</summary>
public sealed record ChannelOptions
{
    /// <summary>The share of the channels of every group that goes, 0 to below 1.</summary>
    public double Ratio { get; init; } = 0.3;

    /// <summary>The number of channels kept is a multiple of this, or where a group is too small of 8, 4 or 2.</summary>
    public int Multiple { get; init; } = 16;

    /// <summary>Which channels go.</summary>
    public ChannelCriterion Criterion { get; init; } = ChannelCriterion.UnexplainedVariance;

    /// <summary>What is done about it.</summary>
    public ChannelRestoration Restoration { get; init; } = ChannelRestoration.Moments;

    /// <summary>
    /// Whether channels go that several layers add to, as the sums of residual blocks are; else only those between layers that one layer
    /// makes.
    /// </summary>
    public bool Shared { get; init; }

    /// <summary>Whether a layer may lose output channels; a group is left alone where one of its layers may not.</summary>
    public Func<string, bool> MayShrink { get; init; } = static _ => true;

    /// <summary>Where the share is counted over all groups together: how they rank; null where every group loses the same share.</summary>
    public ChannelRanking? Ranking { get; init; }

    /// <summary>For the criterion of Taylor: a score for each channel of a node, by the name of the node.</summary>
    public IReadOnlyDictionary<string, double[]>? TaylorScores { get; init; }

    /// <summary>The seed of the criterion of chance.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many of a number of channels stay, when every group loses the same share.</summary>
    public int Kept(int channels) => Rounded(Asked(channels));

    /// <summary>The same before it is rounded to a multiple.</summary>
    internal int Asked(int channels) => (int)((channels * (1 - Ratio)) + 1e-9);

    /// <summary>Channels that stay, down to a multiple, or up to one where that would leave fewer than must stay.</summary>
    internal int Rounded(int wanted, int fewest = 1)
    {
        foreach (var multiple in new[] { Multiple, 8, 4, 2, 1 })
        {
            if (multiple > Multiple || wanted < multiple)
                continue;
            var down = wanted / multiple * multiple;
            return down >= fewest ? down : down + multiple;
        }

        return fewest;
    }
}

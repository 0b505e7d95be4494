using Subp.Training.Numerics;

namespace Subp.Training.Sparsification;

/// <summary>Which weights are scored at an update.</summary>
public enum SubpVariant
{
    /// <summary>Scores W times the previous mask: a pruned block returns only by being sampled. The default of the publication.</summary>
    V2,

    /// <summary>Scores the dense weights W.</summary>
    V1,
}

/// <summary>The constants of the SUBP mask update.</summary>
/// <param name="Criterion">How importance is measured.</param>
/// <param name="Variant">Which weights are scored.</param>
/// <param name="Alpha">The factor of the redundancy term of BPAR.</param>
/// <param name="Tau">The temperature of the regrowth.</param>
public sealed record SubpOptions(
    ImportanceCriterion Criterion = ImportanceCriterion.Bpar,
    SubpVariant Variant = SubpVariant.V2,
    double Alpha = 1.0,
    double Tau = 1.0
);

/// <summary>
/// One SUBP mask update of one layer, a pure function: score all blocks, take the P least important of every group as
/// candidates, bring R of them back by weighted sampling. P belongs to the target rate from the first update on; the gradual
/// schedule acts through R alone.
/// </summary>
public static class MaskUpdate
{
    /// <summary>Computes the next mask.</summary>
    /// <param name="weights">The dense stored weights (Cout, Cin, Kh, Kw), which pruning never changes.</param>
    /// <param name="grid">The block structure.</param>
    /// <param name="mask">The current mask.</param>
    /// <param name="counts">How many blocks of a group are pruned and brought back.</param>
    /// <param name="options">Criterion, variant and constants.</param>
    /// <param name="random">The source of the sampling; not used when nothing or everything comes back.</param>
    /// <exception cref="ArgumentException">Sizes do not belong together.</exception>
    public static BlockMask Next(
        ReadOnlySpan<float> weights,
        BlockGrid grid,
        BlockMask mask,
        BlockCounts counts,
        SubpOptions options,
        DeterministicRandom random
    )
    {
        if (counts.Channels != grid.InputChannels || mask.Channels != grid.InputChannels || mask.Groups != grid.Groups)
            throw new ArgumentException("Grid, mask and counts belong to different layers.");

        if (counts.Regrown >= counts.Pruned)
            return BlockMask.Ones(grid);

        float[] scored = weights.ToArray();
        if (options.Variant == SubpVariant.V2)
            mask.Apply(grid, scored);

        double[] scores = BlockImportance.Score(options.Criterion, scored, grid, mask, options.Alpha);
        var next = new byte[grid.Groups * grid.InputChannels];
        for (int group = 0; group < grid.Groups; group++)
        {
            var kept = next.AsSpan(group * grid.InputChannels, grid.InputChannels);
            UpdateGroup(scores.AsSpan(group * grid.InputChannels, grid.InputChannels), counts, options.Tau, random, kept);
        }

        return BlockMask.FromBytes(grid.Groups, grid.InputChannels, next);
    }

    private static void UpdateGroup(
        ReadOnlySpan<double> scores,
        BlockCounts counts,
        double tau,
        DeterministicRandom random,
        Span<byte> kept
    )
    {
        int[] order = AscendingOrder(scores);
        kept.Fill(1);
        var candidates = new double[counts.Pruned];
        for (int i = 0; i < counts.Pruned; i++)
        {
            kept[order[i]] = 0;
            candidates[i] = scores[order[i]];
        }

        if (counts.Regrown > 0)
        {
            double[] probabilities = BlockRegrowth.Probabilities(candidates, tau);
            foreach (int pick in BlockRegrowth.SampleWithoutReplacement(probabilities, counts.Regrown, random))
                kept[order[pick]] = 1;
        }
    }

    /// <summary>
    /// The indices by ascending score; equal scores keep the order of the channels, so that ties are decided the same everywhere.
    /// </summary>
    internal static int[] AscendingOrder(ReadOnlySpan<double> scores)
    {
        double[] keys = scores.ToArray();
        int[] order = Enumerable.Range(0, keys.Length).ToArray();
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[a].CompareTo(keys[b]) : a.CompareTo(b));
        return order;
    }
}

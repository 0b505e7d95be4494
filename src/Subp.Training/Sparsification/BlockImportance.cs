using System.Numerics;

namespace Subp.Training.Sparsification;

/// <summary>
/// The importance scores of SUBP (Xiang et al., NeurIPS 2023): one number per (group, input channel), larger is more important.
/// All arithmetic is in double, so that scores do not depend on the vector width of the machine beyond the last bits.
/// </summary>
public static class BlockImportance
{
    private const double SmallestNorm = 1e-12;

    /// <summary>Scores every block of a layer.</summary>
    /// <param name="criterion">The measure.</param>
    /// <param name="weights">The weights to score, (Cout, Cin, Kh, Kw): W itself for variant V1, W times mask for V2.</param>
    /// <param name="grid">The block structure.</param>
    /// <param name="mask">The current mask, which only BPAR looks at.</param>
    /// <param name="alpha">The factor of the redundancy term of BPAR; 1 in the published code.</param>
    /// <returns>The scores in the order [group][channel].</returns>
    /// <exception cref="ArgumentException">The number of weights does not belong to the grid.</exception>
    public static double[] Score(
        ImportanceCriterion criterion,
        ReadOnlySpan<float> weights,
        BlockGrid grid,
        BlockMask mask,
        double alpha = 1.0
    )
    {
        grid.RequireWeights(weights.Length, nameof(weights));
        var scores = new double[grid.Groups * grid.InputChannels];
        var blocks = new double[grid.InputChannels * grid.BlockValues];
        for (int group = 0; group < grid.Groups; group++)
        {
            CopyBlocks(weights, grid, group, blocks);
            var groupScores = scores.AsSpan(group * grid.InputChannels, grid.InputChannels);
            switch (criterion)
            {
                case ImportanceCriterion.L1:
                    Norms(blocks, grid, groupScores, squared: false);
                    break;
                case ImportanceCriterion.L2:
                    Norms(blocks, grid, groupScores, squared: true);
                    break;
                case ImportanceCriterion.Bpar:
                    Bpar(blocks, grid, mask, group, alpha, groupScores);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(criterion));
            }
        }

        return scores;
    }

    private static void CopyBlocks(ReadOnlySpan<float> weights, BlockGrid grid, int group, Span<double> blocks)
    {
        int target = 0;
        for (int channel = 0; channel < grid.InputChannels; channel++)
        {
            for (int row = 0; row < grid.BlockLength; row++)
            {
                foreach (float weight in weights.Slice(grid.RowOffset(group, channel, row), grid.KernelSize))
                    blocks[target++] = weight;
            }
        }
    }

    private static void Norms(ReadOnlySpan<double> blocks, BlockGrid grid, Span<double> norms, bool squared)
    {
        for (int channel = 0; channel < norms.Length; channel++)
        {
            double sum = 0;
            foreach (double weight in blocks.Slice(channel * grid.BlockValues, grid.BlockValues))
                sum += squared ? weight * weight : Math.Abs(weight);

            norms[channel] = squared ? Math.Sqrt(sum) : sum;
        }
    }

    private static void Bpar(Span<double> blocks, BlockGrid grid, BlockMask mask, int group, double alpha, Span<double> scores)
    {
        int channels = grid.InputChannels;
        var magnitude = new double[channels];
        Norms(blocks, grid, magnitude, squared: false);
        NormaliseBlocks(blocks, grid, mask, group);

        var redundancy = new double[channels];
        for (int first = 0; first < channels; first++)
        {
            if (!mask[group, first])
                continue;

            var left = blocks.Slice(first * grid.BlockValues, grid.BlockValues);
            redundancy[first] += Dot(left, left);
            for (int second = first + 1; second < channels; second++)
            {
                if (mask[group, second])
                {
                    double cosine = Math.Abs(Dot(left, blocks.Slice(second * grid.BlockValues, grid.BlockValues)));
                    redundancy[first] += cosine;
                    redundancy[second] += cosine;
                }
            }
        }

        // The small floors only matter for an all-zero group, whose scores are then all equal instead of NaN.
        double totalMagnitude = Math.Max(magnitude.Sum(), SmallestNorm);
        double totalRedundancy = Math.Max(redundancy.Sum(), SmallestNorm);
        for (int channel = 0; channel < channels; channel++)
        {
            double share = redundancy[channel] / totalRedundancy;
            // A block without any direction (a masked one) counts as wholly redundant, which sends it behind all active blocks.
            scores[channel] = (magnitude[channel] / totalMagnitude) - (alpha * (share == 0 ? 1 : share));
        }
    }

    private static void NormaliseBlocks(Span<double> blocks, BlockGrid grid, BlockMask mask, int group)
    {
        for (int channel = 0; channel < grid.InputChannels; channel++)
        {
            var block = blocks.Slice(channel * grid.BlockValues, grid.BlockValues);
            double scale = mask[group, channel] ? 1.0 / Math.Max(Math.Sqrt(Dot(block, block)), SmallestNorm) : 0.0;
            for (int i = 0; i < block.Length; i++)
                block[i] *= scale;
        }
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var sum = Vector<double>.Zero;
        int i = 0;
        for (; i <= left.Length - Vector<double>.Count; i += Vector<double>.Count)
            sum += new Vector<double>(left[i..]) * new Vector<double>(right[i..]);

        double total = Vector.Sum(sum);
        for (; i < left.Length; i++)
            total += left[i] * right[i];

        return total;
    }
}

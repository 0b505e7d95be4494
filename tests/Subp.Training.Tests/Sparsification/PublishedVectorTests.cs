using Subp.Training.Numerics;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Sparsification;

/// <summary>
/// The hand-computed example: one group of four blocks (3,4), (6,8), (0,1), (2,0); N = 2, kernel 1x1, half of the blocks pruned.
/// </summary>
public class PublishedVectorTests
{
    private static readonly BlockGrid Grid = new(outputChannels: 2, inputChannels: 4, kernelSize: 1, blockLength: 2);

    // Row r of the group holds element r of every block.
    private static readonly float[] Weights = [3, 6, 0, 2, 4, 8, 1, 0];

    [Theory]
    [InlineData(new byte[] { 1, 1, 1, 1 }, new[] { -0.001437, 0.290230, -0.182471, -0.106322 }, new[] { 0.410820, 0.589180 })]
    [InlineData(new byte[] { 1, 1, 0, 1 }, new[] { -0.047004, 0.257344, -1, -0.210341 }, new[] { 0.315885, 0.684115 })]
    public void Scores_and_regrow_probabilities_are_the_hand_computed_ones(byte[] kept, double[] expected, double[] probabilities)
    {
        var mask = BlockMask.FromBytes(1, 4, kept);
        float[] scored = [.. Weights];
        mask.Apply(Grid, scored);

        double[] scores = BlockImportance.Score(ImportanceCriterion.Bpar, scored, Grid, mask);

        AssertClose(expected, scores);
        int[] order = MaskUpdate.AscendingOrder(scores);
        Assert.Equal([2, 3, 0, 1], order);
        AssertClose(probabilities, BlockRegrowth.Probabilities([scores[2], scores[3]]));
    }

    [Fact]
    public void Norm_criteria_are_the_norms_of_the_blocks()
    {
        var ones = BlockMask.Ones(Grid);
        AssertClose([7, 14, 1, 2], BlockImportance.Score(ImportanceCriterion.L1, Weights, Grid, ones));
        AssertClose([5, 10, 1, 2], BlockImportance.Score(ImportanceCriterion.L2, Weights, Grid, ones));
    }

    [Fact]
    public void The_update_without_regrowth_prunes_the_two_least_important_blocks()
    {
        var next = MaskUpdate.Next(
            Weights,
            Grid,
            BlockMask.Ones(Grid),
            BlockCounts.For(4, 0.5, 0.5),
            new SubpOptions(),
            new DeterministicRandom(1)
        );

        Assert.Equal([1, 1, 0, 0], next.Bytes.ToArray());
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - 1e-6, expected[i] + 1e-6);
    }
}

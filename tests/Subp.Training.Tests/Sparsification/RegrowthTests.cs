using Subp.Training.Numerics;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Sparsification;

public class RegrowthTests
{
    [Fact]
    public void Sampling_draws_distinct_indices()
    {
        var random = new DeterministicRandom(2);
        for (int round = 0; round < 200; round++)
        {
            int[] drawn = BlockRegrowth.SampleWithoutReplacement([0.1, 0.4, 0.05, 0.3, 0.15], 3, random);
            Assert.Equal(3, drawn.Distinct().Count());
        }
    }

    [Fact]
    public void Drawing_as_many_as_there_are_returns_all()
    {
        int[] drawn = BlockRegrowth.SampleWithoutReplacement([0.2, 0.5, 0.3], 3, new DeterministicRandom(4));
        Assert.Equal([0, 1, 2], drawn.Order());
    }

    [Fact]
    public void Frequencies_follow_the_weights()
    {
        var random = new DeterministicRandom(6);
        double[] weights = [0.1, 0.2, 0.7];
        var counts = new int[3];
        for (int round = 0; round < 20_000; round++)
            counts[BlockRegrowth.SampleWithoutReplacement(weights, 1, random)[0]]++;

        for (int i = 0; i < 3; i++)
            Assert.InRange(counts[i] / 20_000.0, weights[i] - 0.015, weights[i] + 0.015);
    }

    [Fact]
    public void A_generator_continues_from_its_saved_state()
    {
        var random = new DeterministicRandom(123);
        random.NextUInt64();
        var copy = new DeterministicRandom(random.SaveState());
        for (int i = 0; i < 10; i++)
            Assert.Equal(random.NextUInt64(), copy.NextUInt64());
    }

    [Fact]
    public void The_generator_is_the_published_one()
    {
        // First outputs of xoshiro256** for the state 1, 2, 3, 4, from its definition.
        var random = new DeterministicRandom([1UL, 2UL, 3UL, 4UL]);
        Assert.Equal(11520UL, random.NextUInt64());
        Assert.Equal(0UL, random.NextUInt64());
        Assert.Equal(1509978240UL, random.NextUInt64());
        Assert.Equal(1215971899390074240UL, random.NextUInt64());
    }

    [Fact]
    public void A_pruned_block_gets_its_gradient_and_the_decay_on_top()
    {
        var grid = new BlockGrid(2, 2, 1, 2);
        var mask = BlockMask.FromBytes(1, 2, [1, 0]);
        float[] weights = [1, 2, 3, 4];
        float[] gradient = [0.5f, 0.5f, 0.5f, 0.5f];

        StraightThrough.AddSparseRefinement(weights, gradient, grid, mask, 0.25f);

        Assert.Equal([0.5f, 1.0f, 0.5f, 1.5f], gradient);
        Assert.Equal([1, 2, 3, 4], weights);
    }
}

using Subp.Training.Numerics;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Sparsification;

public class MaskUpdateTests
{
    private const double Rate = 0.75;
    private static readonly BlockGrid Grid = new(outputChannels: 32, inputChannels: 24, kernelSize: 9, blockLength: 16);

    public static TheoryData<ImportanceCriterion, SubpVariant> AllMethods()
    {
        var data = new TheoryData<ImportanceCriterion, SubpVariant>();
        foreach (var criterion in Enum.GetValues<ImportanceCriterion>())
        {
            data.Add(criterion, SubpVariant.V1);
            data.Add(criterion, SubpVariant.V2);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(AllMethods))]
    public void Every_group_keeps_exactly_the_scheduled_number_of_blocks_at_every_epoch(ImportanceCriterion criterion, SubpVariant variant)
    {
        var random = new DeterministicRandom(7);
        var schedule = new SparsitySchedule(ScheduleShape.Linear, 2, 12);
        float[] weights = RandomWeights(random);
        var mask = BlockMask.Ones(Grid);
        for (int epoch = 0; epoch < 16; epoch++)
        {
            double rate = schedule.Rate(Rate, epoch);
            mask = MaskUpdate.Next(weights, Grid, mask, BlockCounts.For(24, Rate, rate), new SubpOptions(criterion, variant), random);

            int expected = 24 - (int)(Rate * 24) + (int)((Rate - rate) * 24);
            Assert.Equal(expected, mask.KeptInGroup(0));
            Assert.Equal(expected, mask.KeptInGroup(1));
            Assert.Equal(epoch <= 2, mask.Equals(BlockMask.Ones(Grid)));
            Jitter(weights, random);
        }
    }

    [Theory]
    [MemberData(nameof(AllMethods))]
    public void The_second_variant_freezes_its_mask_once_the_schedule_has_ended(ImportanceCriterion criterion, SubpVariant variant)
    {
        var random = new DeterministicRandom(11);
        float[] weights = RandomWeights(random);
        var final = BlockCounts.For(24, Rate, Rate);
        var options = new SubpOptions(criterion, variant);
        var mask = MaskUpdate.Next(weights, Grid, BlockMask.Ones(Grid), final, options, random);
        int moved = 0;
        for (int epoch = 0; epoch < 5; epoch++)
        {
            Array.Reverse(weights);
            var next = MaskUpdate.Next(weights, Grid, mask, final, options, random);
            moved += next.DistanceTo(mask);
            mask = next;
        }

        // V1 with a norm looks at the dense weights and goes on swapping; everything else is frozen by construction.
        bool swaps = variant == SubpVariant.V1 && criterion != ImportanceCriterion.Bpar;
        Assert.Equal(swaps, moved > 0);
    }

    [Fact]
    public void One_shot_reaches_the_target_at_the_first_update()
    {
        double rate = new SparsitySchedule(ScheduleShape.Cubic, 0, 0).Rate(Rate, 0);
        var counts = BlockCounts.For(24, Rate, rate);
        var random = new DeterministicRandom(3);
        var mask = MaskUpdate.Next(RandomWeights(random), Grid, BlockMask.Ones(Grid), counts, new SubpOptions(), random);

        Assert.Equal(0, counts.Regrown);
        Assert.Equal(6, mask.KeptInGroup(0));
        Assert.Equal(6, mask.KeptInGroup(1));
    }

    [Fact]
    public void A_uniform_mask_gives_block_sparse_rows_of_equal_length()
    {
        var random = new DeterministicRandom(5);
        var mask = MaskUpdate.Next(
            RandomWeights(random),
            Grid,
            BlockMask.Ones(Grid),
            BlockCounts.For(24, Rate, Rate),
            new SubpOptions(),
            random
        );
        var rowStarts = new List<int> { 0 };
        for (int group = 0; group < mask.Groups; group++)
            rowStarts.Add(rowStarts[^1] + Enumerable.Range(0, 24).Count(channel => mask[group, channel]));

        Assert.Equal([0, 6, 12], rowStarts);
    }

    [Fact]
    public void Pruning_leaves_the_stored_weights_alone_and_a_mask_is_constant_inside_a_block()
    {
        var random = new DeterministicRandom(9);
        float[] weights = RandomWeights(random);
        float[] before = [.. weights];
        var mask = MaskUpdate.Next(weights, Grid, BlockMask.Ones(Grid), BlockCounts.For(24, Rate, Rate), new SubpOptions(), random);
        Assert.Equal(before, weights);

        mask.Apply(Grid, weights);
        for (int row = 0; row < 32; row++)
        {
            for (int channel = 0; channel < 24; channel++)
            {
                var kernel = weights.AsSpan(((row * 24) + channel) * 9, 9);
                Assert.Equal(mask[row / 16, channel] ? 9 : 0, kernel.Length - kernel.Count(0f));
            }
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_masks()
    {
        float[] weights = RandomWeights(new DeterministicRandom(1));
        var counts = BlockCounts.For(24, Rate, 0.4);
        var masks = new[] { 42UL, 42UL, 43UL }
            .Select(seed => MaskUpdate.Next(weights, Grid, BlockMask.Ones(Grid), counts, new SubpOptions(), new DeterministicRandom(seed)))
            .ToArray();

        Assert.Equal(masks[0], masks[1]);
        Assert.NotEqual(masks[0], masks[2]);
    }

    [Fact]
    public void A_block_size_that_does_not_divide_the_channels_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new BlockGrid(24, 8, 9, 16));
    }

    private static float[] RandomWeights(DeterministicRandom random)
    {
        var weights = new float[Grid.WeightCount];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (float)random.NextGaussian();

        return weights;
    }

    private static void Jitter(float[] weights, DeterministicRandom random)
    {
        for (int i = 0; i < weights.Length; i++)
            weights[i] += 0.3f * (float)random.NextGaussian();
    }
}

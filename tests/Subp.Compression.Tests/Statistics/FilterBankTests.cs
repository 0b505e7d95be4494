using Subp.Compression.Algebra;
using Subp.Compression.Statistics;
using Subp.Core.Operators;

namespace Subp.Compression.Tests.Statistics;

public sealed class FilterBankTests
{
    private static readonly float[] s_weights = [0.5f, -0.3f, 0.2f, 0.4f, -0.6f, 0.1f, 0.3f, 0.35f];

    [Fact]
    public void Statistics_of_a_normalisation_follow_its_ternary_filters_as_published()
    {
        float[] ternary = [0.4f, -0.4f, 0, 0.4f, -5f / 12, 0, 5f / 12, 5f / 12];
        var input = ChannelMoments.Uncorrelated([0.4, 0.7], [0.3, 0.5]);
        var (mean, variance) = BatchNormEstimate.Update(
            [0.3f, -0.1f],
            [1.2f, 0.9f],
            FilterMoments.Of(new FilterBank(s_weights, 2, 2), input, Matrix.Identity(2)),
            FilterMoments.Of(new FilterBank(ternary, 2, 2), input, Matrix.Identity(2))
        );
        NumberAssert.Near([0.08, 0.061667], mean);
        NumberAssert.Near([1.045545, 0.934983], variance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_covariance_of_outputs_is_the_sum_over_all_pairs_of_weights(int groups)
    {
        // More outputs of a group than are taken together, and not a whole number of those.
        const int Outputs = 44,
            Inputs = 4;
        var random = new Random(groups);
        var groupInputs = Inputs / groups;
        var kernel = new Extent(2, 3);
        var weights = Enumerable.Range(0, Outputs * groupInputs * 6).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var root = new Matrix(Inputs, Inputs, [.. Enumerable.Range(0, Inputs * Inputs).Select(_ => random.NextDouble() - 0.5)]);
        var covariance = new Matrix(Inputs, Inputs);
        for (var row = 0; row < Inputs; row++)
        {
            for (var column = 0; column < Inputs; column++)
                covariance[row, column] = Matrix.Dot(root.Row(row), root.Row(column));
        }

        var taps = TapCorrelation.Of(kernel, Extent.One, 0.6);
        var bank = new FilterBank(weights, Outputs, 6, groups);
        var found = bank.Covariance(covariance, taps);
        var variance = bank.Variance(covariance, taps);
        for (var first = 0; first < Outputs; first++)
        {
            for (var second = 0; second < Outputs; second++)
            {
                double sum = 0;
                for (var i = 0; i < groupInputs * 6; i++)
                {
                    for (var j = 0; j < groupInputs * 6; j++)
                    {
                        var left = (first / (Outputs / groups) * groupInputs) + (i / 6);
                        var right = (second / (Outputs / groups) * groupInputs) + (j / 6);
                        sum +=
                            weights[(first * groupInputs * 6) + i]
                            * covariance[left, right]
                            * taps[i % 6, j % 6]
                            * weights[(second * groupInputs * 6) + j];
                    }
                }

                Assert.Equal(sum, found[first, second], 12);
                if (first == second)
                    Assert.Equal(sum, variance[first], 12);
            }
        }
    }

    [Fact]
    public void The_mean_of_a_window_keeps_the_mean_correlation_of_its_taps()
    {
        var window = new Extent(3, 2);
        var pairs = TapCorrelation.Of(window, Extent.One, 0.7).Values;
        Assert.Equal(pairs.Average(), TapCorrelation.OfMean(window, 0.7), 12);
    }

    [Fact]
    public void Dilation_moves_taps_apart()
    {
        var taps = TapCorrelation.Of(new Extent(1, 2), new Extent(1, 3), 0.5);
        Assert.Equal(0.125, taps[0, 1], 12);
    }
}

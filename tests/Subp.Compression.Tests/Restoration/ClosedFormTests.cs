using Subp.Compression.Algebra;
using Subp.Compression.Restoration;
using Subp.Compression.Statistics;
using Subp.Compression.Tests.Statistics;
using Subp.Core.Operators;

namespace Subp.Compression.Tests.Restoration;

/// <summary>The closed forms on one small layer, to the digits in which their results are known.</summary>
public sealed class ClosedFormTests
{
    private static readonly FoldedFilters s_layer = new(
        NumberAssert.Matrix([1, 2, -1, 0.5], [0.5, 1, 1, -1], [2, 0, 1, 1.5], [1.5, 1.2, -0.4, 0.7]),
        [0.2, -0.1, 0.4, 0.3]
    );

    [Theory]
    [InlineData(0.5, 0.01, 0.644694, 0.009155, 0.347630)]
    [InlineData(0.01, 0.008, 0.644497, 0.009838, 0.346837)]
    public void Udfc_rebuilds_a_removed_channel(double biasFactor, double sizeFactor, params double[] expected)
    {
        var combination = Udfc.Combinations(s_layer, [0, 1, 2], [3], biasFactor, sizeFactor);
        NumberAssert.Near(expected, combination.Values);
    }

    [Fact]
    public void Udfc_lowers_its_loss_as_published()
    {
        var combination = Udfc.Combinations(s_layer, [0, 1, 2], [3], 0.5, 0.01);
        Assert.Equal(4.385, Loss([0, 0, 0]), 6);
        Assert.Equal(0.070480, Loss(combination.Values), 6);
    }

    [Fact]
    public void Udfc_works_on_filters_with_their_normalisation_folded()
    {
        double[] scale = [1 / 2.0, 0.8 / 1.5, 1.2 / 1.8, 0.9 / 2.2];
        var folded = FoldedFilters.Fold(
            [.. s_layer.Filters.Values.Select(value => (float)value)],
            scale,
            [0.1, -0.2, 0.3, 0.2],
            [0.05, -0.1, 0.2, -0.3]
        );
        NumberAssert.Near([0.075, -0.146667, 0.166667, 0.322727], folded.Bias);
        var combination = Udfc.Combinations(folded, [0, 1, 2], [3]);
        NumberAssert.Near([0.525328, 0.007650, 0.213010], combination.Values);
        double[][] next =
        [
            [0, 0.25, 0.5, 0.75],
            [1, 1.25, 1.5, 1.75],
        ];
        double[][] expected =
        [
            [0.393996, 0.255738, 0.659757],
            [1.919324, 1.263388, 1.872767],
        ];
        for (var row = 0; row < 2; row++)
            NumberAssert.Near(expected[row], [.. Enumerable.Range(0, 3).Select(i => next[row][i] + (combination[i, 0] * next[row][3]))]);

        // The loss of LBYL is the same one with its factors scaled by the square of the removed channel's own scale.
        var scaled = Udfc.Combinations(folded, [0, 1, 2], [3], 0.01 * scale[3] * scale[3], 0.02 * scale[3] * scale[3]);
        NumberAssert.Near([0.526823, 0.007600, 0.212942], scaled.Values);
    }

    [Fact]
    public void Udfc_gives_the_lost_part_of_quantised_channels_to_the_others()
    {
        var parts = Udfc.LostParts(s_layer, s_layer with { Filters = WeightQuantiser.Uniform(s_layer.Filters, 3) });
        NumberAssert.Near(
            [
                [0, 0.130237, 0.111623, 0.040158],
                [0.147308, 0, -0.162312, 0.001995],
                [0.014626, 0.029914, 0, 0.043081],
                [-0.250382, -0.263652, -0.038819, 0],
            ],
            parts
        );
    }

    [Fact]
    public void Udfc_rebuilds_removed_channels_from_quantised_ones_and_these_from_each_other_at_once()
    {
        var rounded = s_layer with { Filters = WeightQuantiser.Uniform(s_layer.Filters, 3) };
        int[] kept = [0, 1, 2];
        var map = Udfc.Map(s_layer, rounded, kept, [3]);
        NumberAssert.Near([0, 0, 0, 0], [.. map.Row(3).ToArray()]);
        NumberAssert.Near([1, 1, 1], [.. kept.Select(channel => map[channel, channel])]);

        // No other combination of the quantised channels is nearer to what is lost of a kept channel, and to the whole of a removed one.
        for (var lost = 0; lost < 4; lost++)
        {
            double[] part =
            [
                .. Enumerable.Range(0, 4).Select(tap => s_layer.Filters[lost, tap] - (lost < 3 ? rounded.Filters[lost, tap] : 0)),
            ];
            var bias = lost < 3 ? 0 : s_layer.Bias[lost];
            int[] giving = [.. kept.Where(channel => channel != lost)];
            double Loss(double[] combination) =>
                Enumerable
                    .Range(0, 4)
                    .Sum(tap =>
                        Math.Pow(part[tap] - giving.Select((channel, at) => combination[at] * rounded.Filters[channel, tap]).Sum(), 2)
                    )
                + (Udfc.BiasFactor * Math.Pow(bias - giving.Select((channel, at) => combination[at] * rounded.Bias[channel]).Sum(), 2))
                + (Udfc.SizeFactor * combination.Sum(value => value * value));
            double[] found = [.. giving.Select(channel => map[channel, lost])];
            for (var index = 0; index < found.Length; index++)
            {
                foreach (var step in new[] { -1e-3, 1e-3 })
                    Assert.True(Loss(found) < Loss([.. found.Select((value, at) => at == index ? value + step : value)]));
            }
        }
    }

    [Fact]
    public void Udfc_at_once_is_each_of_its_halves_where_the_other_has_nothing_to_do()
    {
        var rounded = s_layer with { Filters = WeightQuantiser.Uniform(s_layer.Filters, 3) };
        NumberAssert.Near(Udfc.LostParts(s_layer, rounded).WithRidge(1).Values, Udfc.Map(s_layer, rounded, [0, 1, 2, 3], []).Values);
        var removed = Udfc.Map(s_layer, s_layer, [0, 1, 2], [3]);
        NumberAssert.Near(Udfc.Combinations(s_layer, [0, 1, 2], [3]).Values, [removed[0, 3], removed[1, 3], removed[2, 3]]);
        NumberAssert.Near([1, 0, 0], [removed[0, 0], removed[1, 0], removed[2, 0]]);
    }

    [Fact]
    public void Uniform_weights_are_multiples_of_a_step_of_each_row() =>
        NumberAssert.Near([1.142857, 2, -1.142857, 0.571429], WeightQuantiser.Uniform(s_layer.Filters, 4).Row(0).ToArray());

    [Fact]
    public void Ternary_weights_have_one_number_in_each_filter_or_in_the_layer()
    {
        NumberAssert.Near(
            [
                [1.333333, 1.333333, -1.333333, 0],
                [0, 1, 1, -1],
                [1.5, 0, 1.5, 1.5],
                [1.133333, 1.133333, 0, 1.133333],
            ],
            WeightQuantiser.Ternary(s_layer.Filters)
        );
        const double All = 1.290909;
        NumberAssert.Near(
            [
                [All, All, -All, 0],
                [0, All, All, -All],
                [All, 0, All, All],
                [All, All, 0, 0],
            ],
            WeightQuantiser.Ternary(s_layer.Filters, perLayer: true)
        );
    }

    [Fact]
    public void A_row_of_zeros_stays_zero()
    {
        var zeros = new Matrix(1, 3);
        Assert.All(WeightQuantiser.Ternary(zeros).Values, value => Assert.Equal(0, value));
        Assert.All(WeightQuantiser.Uniform(zeros, 4).Values, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Df_mpc_gains_nothing_over_a_scale_per_filter_unless_its_loss_has_factors()
    {
        var ternary = s_layer with { Filters = WeightQuantiser.Ternary(s_layer.Filters) };
        NumberAssert.Near([0.998135, 0.996683, 0.998538, 0.997441], DfMpc.Factors(s_layer, ternary, 0.5, 0.01));
        NumberAssert.Near([1, 1, 1, 1], DfMpc.Factors(s_layer, ternary, 0.5, 0));
    }

    [Fact]
    public void Moments_rebuild_a_removed_channel_from_the_covariance_of_the_others()
    {
        // Three rectified channels, of which the last goes; their covariances and means are those of the vectors above.
        var channels = ActivationMoments.Apply(NumberVectors.ThreeChannels(), Activation.Relu);
        var elimination = new Elimination(Matrix.Identity(3), [1, 1, 1], Elimination.Invert(channels.Covariance, 0));
        elimination.Remove(2);
        double[] shares = [elimination.Blocks[0, 2], elimination.Blocks[1, 2]];
        NumberAssert.Near([-0.547094, 0.823335], shares, 1e-6);
        var rest = channels.Mean[2] - (shares[0] * channels.Mean[0]) - (shares[1] * channels.Mean[1]);
        NumberAssert.Near([0.891162], [rest], 1e-6);
    }

    [Fact]
    public void Merging_takes_the_kept_filter_of_the_same_direction()
    {
        var layer = new FoldedFilters(NumberAssert.Matrix([1, 0], [0, 2], [0.1, 4]), [0, 0, 0]);
        NumberAssert.Near([0, Math.Sqrt(16.01) / 2], NeuronMerging.Combinations(layer, [0, 1], [2]).Values, 1e-12);
    }

    private static double Loss(IReadOnlyList<double> combination)
    {
        double loss = 0.01 * combination.Sum(value => value * value);
        for (var column = 0; column < 4; column++)
            loss += Math.Pow(s_layer.Filters[3, column] - Enumerable.Range(0, 3).Sum(i => combination[i] * s_layer.Filters[i, column]), 2);
        return loss + (0.5 * Math.Pow(s_layer.Bias[3] - Enumerable.Range(0, 3).Sum(i => combination[i] * s_layer.Bias[i]), 2));
    }
}

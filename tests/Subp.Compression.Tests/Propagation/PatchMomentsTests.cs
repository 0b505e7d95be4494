using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Propagation;

public sealed class PatchMomentsTests
{
    [Fact]
    public void Filters_make_of_fitted_patches_what_their_normalisation_has_stored()
    {
        var model = Measured();
        foreach (var (layer, statistics) in NetworkStatistics.Propagate(model).Where(pair => pair.Key != "classifier"))
        {
            var norm = Normalisation.Of(model.Graph, model.Graph.FindNode(layer)!)!;
            double[] mean = [.. model.Weights[norm.Operator.Mean].Values.Select(value => (double)value)];
            var variance = norm.Variance(model.Weights);
            var filters = statistics.Form.Filters(model.Weights);
            var found = statistics.Through(filters);
            var plain = filters.Variance(statistics.Input.Covariance, statistics.TapCorrelation);
            for (var output = 0; output < mean.Length; output++)
            {
                // The stem has more filters than channels, whose means are all that can be fitted.
                if (statistics.Input.Channels > 3)
                    Assert.Equal(mean[output], found.Mean[output], 0.2 * Math.Sqrt(variance[output]));
                Assert.InRange(found.Variance[output] / variance[output], 0.8, 1.25);
            }

            Assert.True(Error(found.Variance, variance) < Error(plain, variance), layer);
        }
    }

    [Fact]
    public void A_tap_beyond_the_rim_counts_as_zero()
    {
        var builder = new GraphBuilder("rim");
        var image = builder.Input("image", new TensorShape(1, 1, 3, 3));
        builder.Output(builder.Conv2d("conv", image, 1, Window.Square(3, 1, 1)));
        var model = RandomWeights.For(builder.Build(), 3);
        float[] corner = [1, 0, 0, 0, 0, 0, 0, 0, 0],
            middle = [0, 0, 0, 0, 1, 0, 0, 0, 0];
        var statistics = new LayerStatistics(
            LayerForm.Find(model.Graph, model.Graph.FindNode("conv")!)!,
            new Compression.Statistics.ChannelMoments([2], Compression.Algebra.Matrix.Identity(1)),
            0.5
        ).Fitted(model);
        // Four of nine places see the pixel at their upper left; there it has mean 2 and variance 1.
        var found = statistics.Through(new Compression.Statistics.FilterBank(corner, 1, 9));
        Assert.Equal(4 / 9.0 * 2, found.Mean[0], 9);
        Assert.Equal((4 / 9.0 * 5) - (64 / 81.0), found.Variance[0], 9);
        found = statistics.Through(new Compression.Statistics.FilterBank(middle, 1, 9));
        Assert.Equal(2, found.Mean[0], 9);
        Assert.Equal(1, found.Variance[0], 9);
    }

    // A network whose normalisations have stored what images really make of it.
    private static Model Measured()
    {
        var model = Networks.Residual(seed: 5);
        return NormRecalibration.Measure(model, Networks.Images(model.Graph.Inputs[0].Shape, 40, 2), default);
    }

    private static double Error(double[] found, double[] expected) =>
        found.Zip(expected, (one, other) => Math.Pow(Math.Log(one / other), 2)).Sum();
}

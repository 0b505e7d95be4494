using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;

namespace Subp.Compression.Tests.Propagation;

public sealed class NetworkStatisticsTests
{
    [Fact]
    public void Every_operator_carries_statistics_of_the_shape_of_its_channels()
    {
        var layers = 0;
        for (var seed = 0; seed < 150; seed++)
        {
            var model = RandomGraph.Create(seed);
            foreach (var (name, statistics) in NetworkStatistics.Propagate(model))
            {
                var input = model.Graph.ShapeOf(model.Graph.FindNode(name)!.Inputs[0]);
                var (height, width) = statistics.Input.Plane;
                Assert.Equal(input.Channels, statistics.Input.Channels * height * width);
                Assert.All(statistics.Input.Mean, value => Assert.True(double.IsFinite(value)));
                Assert.All(statistics.Input.Variance, value => Assert.True(value >= -1e-9 && double.IsFinite(value)));
                layers++;
            }
        }

        Assert.True(layers > 300, $"{layers} layers");
    }

    [Fact]
    public void What_takes_a_flattened_image_apart_knows_nothing_of_its_features()
    {
        var builder = new GraphBuilder("flat");
        var image = builder.Input("image", new TensorShape(1, 3, 4, 4));
        var flat = builder.Node("flat", new Flatten(), builder.Conv2d("conv", image, 8, Window.Square(1)));
        var part = builder.Node(
            "part",
            new Slice
            {
                Axis = 1,
                Begin = 60,
                End = 124,
            },
            flat
        );
        var dense = builder.Linear("dense", flat, 64);
        builder.Output(builder.Linear("last", builder.Node("sum", new Add(), part, dense), 5));
        builder.Output(builder.Linear("other", builder.Node("whole", new Add(), flat, builder.Linear("wide", flat, 128)), 5));
        var known = NetworkStatistics.Propagate(RandomWeights.For(builder.Build(), 1));
        Assert.Equal(["conv", "dense", "wide"], known.Keys.Order());
    }

    [Fact]
    public void A_constant_that_reads_nothing_ends_what_is_known_until_the_next_normalisation()
    {
        var builder = new GraphBuilder("positions");
        var image = builder.Input("image", new TensorShape(1, 3, 8, 8));
        var value = Networks.Unit(builder, "stem", image, 8, relu: true);
        var table = builder.Node("table", new Constant { Value = builder.Parameter("positions", new TensorShape(1, 8, 8, 8)) });
        var sum = builder.Node("sum", new Add(), value, table);
        var unknown = Networks.Unit(builder, "unknown", sum, 8, relu: true);
        builder.Output(builder.Conv2d("known", unknown, 4, Window.Square(1)));
        var model = RandomWeights.For(builder.Build(), 1);
        Assert.Equal(["known", "stem"], NetworkStatistics.Propagate(model).Keys.Order());
        Assert.Null(NetworkStatistics.PropagateValues(model)["table"]);
    }

    [Fact]
    public void A_normalisation_behind_the_stem_is_predicted_by_its_own_numbers()
    {
        var model = Networks.Residual();
        var statistics = NetworkStatistics.Propagate(model)["conv1"];
        for (var channel = 0; channel < 16; channel++)
        {
            var (mean, _) = Subp.Compression.Statistics.RectifiedNormal.Clamp(
                model.Weights["stem.norm.shift"].Values[channel],
                model.Weights["stem.norm.scale"].Values[channel],
                0,
                double.PositiveInfinity
            );
            Assert.Equal(mean, statistics.Input.Mean[channel], 9);
        }
    }

    [Fact]
    public void A_linear_layer_over_a_flattened_image_is_a_convolution_of_its_extent()
    {
        var builder = new GraphBuilder("flat");
        var image = builder.Input("image", new TensorShape(1, 3, 4, 5));
        builder.Output(builder.Linear("linear", builder.Node("flat", new Flatten(), image), 7));
        var model = RandomWeights.For(builder.Build(), 1);
        var statistics = NetworkStatistics.Propagate(model)["linear"];
        Assert.Equal((4, 5), statistics.Input.Plane);
        Assert.Equal(20, statistics.Form.Taps);

        // The same by listing all features.
        var spread = statistics.Input.Spread();
        var variance = new Subp.Compression.Statistics.FilterBank(model.Weights["linear.weight"].Values, 7, 1).Variance(
            spread.Covariance,
            Subp.Compression.Algebra.Matrix.Identity(1)
        );
        NumberAssert.Near(
            variance,
            statistics.Form.Filters(model.Weights).Variance(statistics.Input.Covariance, statistics.TapCorrelation),
            1e-9
        );
    }

    [Fact]
    public void Measured_statistics_are_those_of_the_values()
    {
        var model = Networks.Residual();
        var inputs = Networks.Images(model.Graph.Inputs[0].Shape, 12, 3);
        var statistics = MeasuredStatistics.Measure(model, inputs, default)["stem"];
        var values = inputs.SelectMany(input => input.Take(100)).Select(value => (double)value).ToArray();
        Assert.Equal(values.Average(), statistics.Input.Mean[0], 9);
        Assert.Equal(values.Average(value => value * value) - Math.Pow(values.Average(), 2), statistics.Input.Covariance[0, 0], 6);
    }

    [Theory]
    [InlineData(2, 6, "0 3 1 4 2 5")]
    [InlineData(3, 6, "0 2 4 1 3 5")]
    public void A_shuffle_takes_its_channels_as_the_interpreter_does(int groups, int channels, string expected) =>
        Assert.Equal(expected, string.Join(' ', NetworkStatistics.ShuffleOrder(new ChannelShuffle { Groups = groups }, channels)));
}

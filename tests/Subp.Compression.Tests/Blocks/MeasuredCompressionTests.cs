using Subp.Compression.Blocks;
using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Blocks;

public sealed class MeasuredCompressionTests
{
    [Fact]
    public void Channels_that_repeat_others_are_removed_without_loss()
    {
        // Every second channel of the stem is a copy of the one before it: half of all blocks say nothing new.
        var model = Networks.Residual();
        foreach (var name in new[] { "stem.weight", "stem.norm.scale", "stem.norm.shift", "stem.norm.mean", "stem.norm.variance" })
        {
            var tensor = model.Weights[name];
            var size = tensor.Values.Length / 16;
            for (var channel = 0; channel < 16; channel += 2)
                tensor.Values.AsSpan(channel * size, size).CopyTo(tensor.Values.AsSpan((channel + 1) * size));
        }

        var inputs = Networks.Images(new TensorShape(1, 3, 10, 10), 40, 1);
        var outcome = BlockCompression.Compress(model, [new("conv1", 16, 8)], BlockRestoration.Moments, inputs);
        Assert.InRange(outcome.Layers[0].PredictedError!.Value, 0, 1e-4);
        Assert.InRange(Difference(model, outcome.Model, Networks.Images(new TensorShape(1, 3, 10, 10), 10, 2)), 0, 0.01);
    }

    [Fact]
    public void Statistics_in_front_of_the_first_change_stay_as_they_are()
    {
        var model = Networks.Residual();
        var inputs = Networks.Images(new TensorShape(1, 3, 10, 10), 20, 1);
        foreach (var (restoration, set) in new[] { (BlockRestoration.Moments, inputs), (BlockRestoration.Noise, null) })
        {
            var result = BlockCompression.Compress(model, [new("conv2", 16, 16)], restoration, set).Model;
            foreach (var name in new[] { "stem.norm", "conv1.norm" })
            {
                Near(model.Weights[$"{name}.mean"].Values, result.Weights[$"{name}.mean"].Values);
                Near(model.Weights[$"{name}.variance"].Values, result.Weights[$"{name}.variance"].Values);
            }

            Assert.NotEqual(model.Weights["conv2.norm.variance"].Values, result.Weights["conv2.norm.variance"].Values);
        }
    }

    [Theory]
    [InlineData(BlockRestoration.Moments, true)]
    [InlineData(BlockRestoration.BatchNorm, true)]
    [InlineData(BlockRestoration.Noise, false)]
    public void A_channel_that_the_inputs_leave_constant_keeps_its_statistics(BlockRestoration restoration, bool isMeasured)
    {
        // Channel 3 of the second layer gives 0 for whatever comes; its statistics say that training saw more.
        var model = Networks.Residual();
        model.Weights["conv1.weight"].Values.AsSpan(3 * 16 * 9, 16 * 9).Clear();
        var inputs = isMeasured ? Networks.Images(new TensorShape(1, 3, 10, 10), 20, 1) : null;
        var result = BlockCompression.Compress(model, [new("conv1", 16, 8)], restoration, inputs).Model;
        foreach (var name in new[] { "conv1.norm.mean", "conv1.norm.variance" })
        {
            Assert.Equal(model.Weights[name].Values[3], result.Weights[name].Values[3]);
            Assert.NotEqual(model.Weights[name].Values[4], result.Weights[name].Values[4]);
        }
    }

    [Theory]
    [InlineData(BlockRestoration.Moments, true)]
    [InlineData(BlockRestoration.BatchNorm, true)]
    [InlineData(BlockRestoration.BatchNorm, false)]
    [InlineData(BlockRestoration.Noise, false)]
    public void Statistics_that_two_normalisations_share_stay_as_they_are(BlockRestoration restoration, bool isMeasured)
    {
        var builder = new GraphBuilder("twice");
        var value = builder.BatchNorm(
            "norm",
            builder.Conv2d("first", builder.Input("image", new TensorShape(1, 3, 10, 10)), 16, Window.Square(1))
        );
        value = builder.Conv2d("second", value, 16, Window.Square(3, 1, 1));
        var norm = new BatchNorm
        {
            Scale = "norm.scale",
            Shift = "norm.shift",
            Mean = "norm.mean",
            Variance = "norm.variance",
        };
        builder.Output(builder.Node("again", norm, value));
        var model = RandomWeights.For(builder.Build(), 3);
        var inputs = isMeasured ? Networks.Images(new TensorShape(1, 3, 10, 10), 20, 1) : null;
        var result = BlockCompression.Compress(model, [new("second", 16, 8)], restoration, inputs).Model;
        foreach (var name in new[] { "norm.mean", "norm.variance" })
            Assert.Equal(model.Weights[name].Values, result.Weights[name].Values);
    }

    [Fact]
    public void Places_beyond_the_rim_are_read_as_zeros_at_every_stride_and_dilation()
    {
        var window = new Window(new Extent(3, 2), new Extent(2, 1), new Padding(1, 2, 0, 1), new Extent(1, 2));
        var builder = new GraphBuilder("rims");
        var image = builder.Input("image", new TensorShape(1, 4, 7, 6));
        builder.Output(builder.Conv2d("conv", image, 8, window));
        var model = RandomWeights.For(builder.Build(), 5);
        var inputs = Networks.Images(new TensorShape(1, 4, 7, 6), 30, 4);
        var outcome = BlockCompression.Compress(model, [new("conv", 4, 2)], BlockRestoration.Moments, inputs);

        // The prediction comes from the patches, the error from the interpreter.
        var (error, size) = (0.0, 0.0);
        var before = new NodeSweep(model, inputs, default).Run();
        var after = new NodeSweep(outcome.Model, inputs, default).Run();
        var pixels = before[0].Length / 8;
        for (var channel = 0; channel < 8; channel++)
        {
            double[] Plane(IReadOnlyList<float[]> values) =>
                [.. values.SelectMany(value => value.AsSpan(channel * pixels, pixels).ToArray()).Select(value => (double)value)];
            double[] then = Plane(before),
                change = [.. Plane(after).Zip(then, (now, past) => now - past)];
            double mean = then.Average(),
                moved = change.Average();
            error += change.Sum(value => (value - moved) * (value - moved));
            size += then.Sum(value => (value - mean) * (value - mean));
        }

        Assert.Equal(error / size, outcome.Layers[0].PredictedError!.Value, 5);
    }

    [Fact]
    public void A_linear_layer_over_a_flattened_image_loses_features()
    {
        var builder = new GraphBuilder("flat");
        var image = builder.Input("image", new TensorShape(1, 4, 3, 3));
        builder.Output(builder.Linear("linear", builder.Node("flat", new Flatten(), image), 8));
        var model = RandomWeights.For(builder.Build(), 5);
        var inputs = Networks.Images(new TensorShape(1, 4, 3, 3), 60, 4);
        var outcome = BlockCompression.Compress(model, [new("linear", 8, 12)], BlockRestoration.Moments, inputs);
        Assert.Equal(24, outcome.Model.Graph.Parameter("linear.weight").Pattern!.Kept(0).Count);
        Assert.InRange(Difference(model, outcome.Model, inputs), 0, 0.1);
    }

    [Fact]
    public void Noise_has_mean_zero_variance_one_and_neighbours_that_are_alike()
    {
        var builder = new GraphBuilder("image");
        var image = builder.Input("image", new TensorShape(1, 3, 24, 24));
        builder.Output(builder.Conv2d("conv", image, 4, Window.Square(1)));
        var graph = builder.Build();
        Assert.True(NoiseImages.Suit(graph));
        var inputs = NoiseImages.For(graph);
        Assert.Equal(inputs[0], NoiseImages.For(graph)[0]);
        Assert.Equal(0, inputs.Average(input => input.Average()), 3);
        Assert.Equal(1, inputs.Average(input => input.Average(value => value * value)), 3);
        var next = inputs.Average(input => Enumerable.Range(0, 24).Average(row => (double)input[(row * 24) + 10] * input[(row * 24) + 11]));
        var far = inputs.Average(input => Enumerable.Range(0, 24).Average(row => (double)input[row * 24] * input[(row * 24) + 20]));
        Assert.True(next > 0.5 && far < 0.5 * next, FormattableString.Invariant($"{next} and {far}"));
        var colours = inputs.Average(input => Enumerable.Range(0, 576).Average(pixel => (double)input[pixel] * input[576 + pixel]));
        Assert.InRange(colours, 0.7, 1.1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    public void Noise_suits_networks_of_many_images_for_each_input(int batch)
    {
        var builder = new GraphBuilder("image");
        var image = builder.Input("image", new TensorShape(batch, 3, 8, 8));
        builder.Output(builder.Conv2d("conv", image, 4, Window.Square(1)));
        var graph = builder.Build();
        Assert.True(NoiseImages.Suit(graph));
        Assert.InRange(NoiseImages.For(graph).Count * batch, 32, 256);
    }

    // A mean that is lost comes back where a tap reads the input, and not where it reads the zeros beyond the rim.
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 5)]
    public void The_bias_of_a_padded_layer_holds_the_mean_of_its_output(int stride, int extent)
    {
        var builder = new GraphBuilder("padded");
        var shape = new TensorShape(1, 8, extent, extent);
        builder.Output(builder.Conv2d("conv", builder.Input("image", shape), 16, Window.Square(3, stride, 1)));
        var model = RandomWeights.For(builder.Build(), 5);
        float[][] inputs = [.. Networks.Images(shape, 30, 4).Select(image => image.Select(value => value + 3).ToArray())];
        var outcome = BlockCompression.Compress(model, [new("conv", 4, 4)], BlockRestoration.Moments, inputs);
        var pixels = outcome.Model.Graph.Nodes[^1].Shape.Height * outcome.Model.Graph.Nodes[^1].Shape.Width;
        double[] Means(Model network) =>
            [
                .. Enumerable
                    .Range(0, 16)
                    .Select(channel =>
                        new NodeSweep(network, inputs, default)
                            .Run()
                            .Average(output => output.Skip(channel * pixels).Take(pixels).Average())
                    ),
            ];
        Assert.Equal(Means(model), Means(outcome.Model), (one, other) => Math.Abs(one - other) < 1e-3);
    }

    [Fact]
    public void Taps_at_the_rim_count_as_often_as_they_read_the_input()
    {
        var builder = new GraphBuilder("padded");
        var image = builder.Input("image", new TensorShape(1, 1, 2, 4));
        builder.Output(builder.Conv2d("conv", image, 1, new Window(new Extent(3, 2), new Extent(1, 2), Padding.All(1), Extent.One)));
        var graph = builder.Build();
        double[] rows = [0.5, 1, 0.5],
            columns = [2.0 / 3, 2.0 / 3];
        Assert.Equal(
            rows.SelectMany(row => columns.Select(column => row * column)),
            RimShares.Inside(graph, LayerForm.Find(graph, graph.Nodes[^1])!)
        );
    }

    private static void Near(float[] expected, float[] found)
    {
        for (var index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], found[index], 4);
    }

    private static double Difference(Model before, Model after, float[][] inputs)
    {
        var (error, size) = (0.0, 0.0);
        foreach (var (then, now) in new NodeSweep(before, inputs, default).Run().Zip(new NodeSweep(after, inputs, default).Run()))
        {
            error += then.Zip(now, (first, second) => Math.Pow(first - second, 2)).Sum();
            size += then.Sum(value => Math.Pow(value, 2));
        }

        return error / size;
    }
}

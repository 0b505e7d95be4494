using Subp.Compression.Calibration;
using Subp.Compression.Channels;
using Subp.Compression.Joint;
using Subp.Compression.Precision;
using Subp.Compression.Restoration;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Joint;

public sealed class UdfcCompressionTests
{
    private static readonly TensorShape s_image = new(1, 3, 10, 10);

    private static readonly ChannelOptions s_options = new()
    {
        Ratio = 0.25,
        Multiple = 1,
        Criterion = ChannelCriterion.L1,
        Restoration = ChannelRestoration.Udfc,
    };

    [Fact]
    public void Each_layer_is_rounded_as_it_is_left_when_the_one_in_front_of_it_was_made_up_for()
    {
        var model = Chain();
        var outcome = UdfcCompression.Compress(model, s_options, Bits(model, 3));
        Assert.Equal([8, 6], outcome.Groups.Where(group => group.Reason is null).Select(group => group.Before));
        var removed = ChannelCompression.Shrink(model, s_options with { Restoration = ChannelRestoration.None }).Model;

        // By hand: the kept filters of the first layer, rounded; the second, which reads the map, rounded; the third, which reads that.
        int[] first = Kept(model, removed, "first"),
            second = Kept(model, removed, "second");
        var weights = Copy(model.Weights);
        weights["first.weight"] = Rounded(weights["first.weight"]);
        Remap(model, weights, "second", "pool", first, taps: 9, model.Weights);
        var exact = Copy(weights);
        weights["second.weight"] = Rounded(weights["second.weight"]);
        Remap(model, weights, "third", "flat", second, taps: 25, exact);
        Near(Rows(weights["first.weight"], first), outcome.Model.Weights["first.weight"].Values);
        Near(Columns(Rows(weights["second.weight"], second), 8, first, 9), outcome.Model.Weights["second.weight"].Values);
        Near(Columns(weights["third.weight"].Values, 6, second, 25), outcome.Model.Weights["third.weight"].Values);
    }

    [Fact]
    public void Weights_of_many_bits_leave_what_removing_channels_alone_does()
    {
        var model = Networks.Residual();
        var inputs = Networks.Images(s_image, 10, 4);
        var alone = ChannelCompression.Shrink(model, s_options).Model;
        var together = UdfcCompression.Compress(model, s_options, Bits(model, 16)).Model;
        Assert.Equal(alone.Graph.Nodes.Select(node => node.Shape), together.Graph.Nodes.Select(node => node.Shape));
        Assert.InRange(Error(alone, together, inputs), 0, 1e-4);
    }

    // Behind the activation a normalisation is no part of the sums in front of it.
    [Fact]
    public void Filters_behind_whose_activation_a_normalisation_stands_are_not_looked_at()
    {
        var builder = new GraphBuilder("behind");
        var value = builder.Conv2d("first", builder.Input("image", s_image), 8, Window.Square(3));
        builder.Output(builder.BatchNorm("norm", builder.Node("relu", Activate.Relu, value)));
        var model = RandomWeights.For(builder.Build(), 1);
        Assert.NotNull(ProducerFilters.Find(model, model.Weights, "relu"));
        Assert.Null(ProducerFilters.Find(model, model.Weights, "norm"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    public void Bits_that_no_weight_has_are_refused(int bits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => UdfcCompression.Compress(Chain(), s_options, Bits(Chain(), bits)));

    private static Dictionary<string, int> Bits(Model model, int bits) =>
        model.Graph.Nodes.Where(node => node.Operator is Conv2d).ToDictionary(node => node.Name, _ => bits);

    private static Model Chain()
    {
        var builder = new GraphBuilder("chain");
        var value = Networks.Unit(builder, "first", builder.Input("image", s_image), 8, relu: true);
        value = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, value);
        value = Networks.Unit(builder, "second", value, 6, relu: true);
        builder.Output(builder.Linear("third", builder.Node("flat", new Flatten(), value), 4));
        return RandomWeights.For(builder.Build(), 5);
    }

    private static WeightSet Copy(WeightSet weights)
    {
        var copy = new WeightSet();
        foreach (var name in weights.Names)
            copy[name] = weights[name];
        return copy;
    }

    private static WeightTensor Rounded(WeightTensor weight) => new(weight.Shape, RoundedWeight.Of(weight, null, 3));

    // The channels that are left are those whose scales are.
    private static int[] Kept(Model before, Model after, string unit)
    {
        float[] then = before.Weights[$"{unit}.norm.shift"].Values,
            now = after.Weights[$"{unit}.norm.shift"].Values;
        return [.. Enumerable.Range(0, then.Length).Where(channel => now.Contains(then[channel]))];
    }

    private static void Remap(Model model, WeightSet weights, string reader, string input, int[] kept, int taps, WeightSet exact)
    {
        var filters = ProducerFilters.Find(model, exact, input)!;
        int[] removed = [.. Enumerable.Range(0, filters.Channels).Except(kept)];
        var map = Udfc.Map(filters, ProducerFilters.Find(model, weights, input)!, kept, removed);
        var weight = weights[$"{reader}.weight"];
        var values = new float[weight.Values.Length];
        for (var index = 0; index < values.Length; index++)
        {
            var (output, channel, tap) = (index / (map.Rows * taps), index / taps % map.Rows, index % taps);
            values[index] = (float)
                Enumerable
                    .Range(0, map.Rows)
                    .Sum(other => map[channel, other] * weight.Values[(((output * map.Rows) + other) * taps) + tap]);
        }

        weights[$"{reader}.weight"] = new WeightTensor(weight.Shape, values);
    }

    private static float[] Rows(WeightTensor weight, int[] kept)
    {
        var width = weight.Values.Length / weight.Shape[0];
        return [.. kept.SelectMany(row => weight.Values.Skip(row * width).Take(width))];
    }

    private static float[] Columns(float[] values, int channels, int[] kept, int taps) =>
        [.. values.Where((_, index) => kept.Contains(index / taps % channels))];

    private static double Error(Model before, Model after, float[][] inputs)
    {
        var (error, size) = (0.0, 0.0);
        foreach (var (then, now) in new NodeSweep(before, inputs, default).Run().Zip(new NodeSweep(after, inputs, default).Run()))
        {
            error += then.Zip(now, (left, right) => Math.Pow(left - right, 2)).Sum();
            size += then.Sum(value => Math.Pow(value, 2));
        }

        return Math.Sqrt(error / size);
    }

    private static void Near(float[] expected, float[] found) =>
        NumberAssert.Near([.. expected.Select(value => (double)value)], [.. found.Select(value => (double)value)], 1e-5);
}

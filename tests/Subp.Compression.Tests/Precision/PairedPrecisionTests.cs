using Subp.Compression.Algebra;
using Subp.Compression.Calibration;
using Subp.Compression.Precision;
using Subp.Compression.Restoration;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Precision;

public sealed class PairedPrecisionTests
{
    private static readonly TensorShape s_image = new(1, 3, 10, 10);

    [Theory]
    [InlineData(PrecisionCompensation.None)]
    [InlineData(PrecisionCompensation.BatchNorm)]
    [InlineData(PrecisionCompensation.DfMpc)]
    [InlineData(PrecisionCompensation.Udfc)]
    [InlineData(PrecisionCompensation.Moments)]
    public void The_first_of_a_pair_has_three_values_in_each_filter_and_all_others_few(PrecisionCompensation compensation)
    {
        var model = Networks.Residual();
        float[] before = [.. model.Weights["conv1.weight"].Values];
        var rounded = Round(model, 2, 6, compensation);
        GraphVerifier.Verify(rounded.Graph);
        Assert.Equal(before, model.Weights["conv1.weight"].Values);
        Assert.All(Filters(rounded.Weights["conv1.weight"]), filter => Assert.InRange(filter.Distinct().Count(), 1, 3));
        Assert.All(
            Filters(rounded.Weights["conv2.weight"]),
            filter =>
            {
                var step = filter.Max(Math.Abs) / 31;
                Assert.All(filter, value => Assert.Equal(Math.Round(value / step), value / step, 3));
            }
        );
    }

    [Fact]
    public void All_but_the_last_layer_of_a_block_have_few_bits_and_every_other_one_of_a_chain()
    {
        var builder = new GraphBuilder("network");
        var stem = Networks.Unit(builder, "stem", builder.Input("image", s_image), 16, relu: true);
        var value = Networks.Unit(builder, "conv1", stem, 8, relu: true, kernel: 1);
        value = Networks.Unit(builder, "conv2", value, 8, relu: true);
        value = Networks.Unit(builder, "conv3", value, 16, relu: false, kernel: 1);
        value = builder.Node("relu", Activate.Relu, builder.Node("sum", new Add(), value, stem));
        foreach (var name in new[] { "chain1", "chain2", "chain3", "chain4" })
        {
            value = Networks.Unit(builder, name, value, 8, relu: true);
            if (name == "chain1")
                value = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, value);
        }

        builder.Output(builder.Linear("last", builder.Node("flat", new Flatten(), value), 4));
        var bits = PairedPrecision.Bits(builder.Build(), 2, 6);
        string[] low = [.. bits.Where(pair => pair.Value == 2).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
        Assert.Equal(["chain1", "chain3", "conv1", "conv2"], low);
    }

    [Fact]
    public void Each_layer_of_a_shared_weight_has_its_own_normalisation_corrected()
    {
        var builder = new GraphBuilder("shared");
        var image = builder.Input("image", s_image);
        var weight = builder.Parameter("weight", new TensorShape(8, 8, 3, 3));
        var value = Networks.Unit(builder, "stem", image, 8, relu: true);
        foreach (var name in new[] { "first", "second" })
        {
            value = builder.Node(name, new Conv2d { Weight = weight, Window = Window.Square(3, padding: 1) }, value);
            value = builder.Node($"{name}.relu", Activate.Relu, builder.BatchNorm($"{name}.norm", value));
        }

        builder.Output(builder.Linear("last", builder.Node("flat", new Flatten(), value), 4));
        var model = RandomWeights.For(builder.Build(), 3);
        var bits = model.Graph.Nodes.Where(node => node.Operator is Conv2d).ToDictionary(node => node.Name, _ => 2);
        bits["second"] = 3;
        var rounded = WeightRounding.Round(model, new RoundingOptions(bits, PrecisionCompensation.BatchNorm));
        Assert.Equal(RoundedWeight.Of(model.Weights["weight"], null, 3), rounded.Weights["weight"].Values);
        foreach (var name in new[] { "first.norm.variance", "second.norm.variance" })
            Assert.NotEqual(model.Weights[name].Values, rounded.Weights[name].Values);
    }

    [Fact]
    public void Input_channels_that_go_have_no_say_in_the_scale_of_what_stays()
    {
        var weight = new WeightTensor(new TensorShape(1, 4, 1, 1), [4, 0, 1, 0]);
        var rounded = RoundedWeight.Of(weight, null, 2, [false, true, false, true]);
        var small = RoundedWeight.Of(new WeightTensor(new TensorShape(1, 2, 1, 1), [4, 1]), null, 2);
        Assert.Equal([small[0], 0, small[1], 0], rounded);
        Assert.NotEqual(RoundedWeight.Of(weight, null, 2), rounded);
    }

    [Fact]
    public void A_factor_without_its_loss_leaves_a_ternary_pair_as_it_is_but_for_the_biases()
    {
        var model = Networks.Residual();
        var none = Round(model, 2, 16, PrecisionCompensation.None);
        var factors = Round(model, 2, 16, PrecisionCompensation.DfMpc);
        NumberAssert.Near(
            [.. none.Weights["conv2.weight"].Values.Select(value => (double)value)],
            [.. factors.Weights["conv2.weight"].Values.Select(value => (double)value)],
            1e-3
        );
    }

    [Fact]
    public void Measured_statistics_bring_ternary_filters_nearer_to_the_original()
    {
        var calibration = Networks.Images(s_image, 60, 1);
        var model = NormRecalibration.Measure(Networks.Residual(), calibration, default);
        double Error(PrecisionCompensation compensation, float[][]? set = null)
        {
            var rounded = Round(model, 2, 6, compensation, set);
            var inputs = Networks.Images(s_image, 30, 2);
            return new NodeSweep(model, inputs, default)
                .Run()
                .Zip(new NodeSweep(rounded, inputs, default).Run())
                .Sum(pair => pair.First.Zip(pair.Second, (then, now) => Math.Pow(then - now, 2)).Sum());
        }

        var none = Error(PrecisionCompensation.None);
        var estimated = Error(PrecisionCompensation.BatchNorm);
        Assert.True(estimated < none, FormattableString.Invariant($"{estimated} and {none}"));
        var moments = Error(PrecisionCompensation.Moments);
        Assert.True(moments < none, FormattableString.Invariant($"{moments} and {none}"));
        var measured = Error(PrecisionCompensation.BatchNorm, calibration);
        Assert.True(measured < none, FormattableString.Invariant($"{measured} and {none}"));
    }

    [Fact]
    public void Udfc_goes_through_a_chain_of_layers_with_pools_and_a_flattened_image_between()
    {
        var builder = new GraphBuilder("chain");
        var value = Networks.Unit(builder, "first", builder.Input("image", s_image), 8, relu: true);
        value = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, value);
        value = Networks.Unit(builder, "second", value, 6, relu: true);
        builder.Output(builder.Linear("third", builder.Node("flat", new Flatten(), value), 4));
        var model = RandomWeights.For(builder.Build(), 5);
        var bits = model.Graph.Nodes.Where(node => node.Operator is Conv2d).ToDictionary(node => node.Name, _ => 3);
        var rounded = WeightRounding.Round(model, new RoundingOptions(bits, PrecisionCompensation.Udfc));

        // The second layer makes up for the first, is rounded as it then is, and the third makes up for that.
        FoldedFilters Channels(WeightSet weights, string input) => ProducerFilters.Find(model, weights, input)!;
        float[] Rebuilt(string name, Matrix map, int taps) =>
            [
                .. Enumerable
                    .Range(0, model.Weights[name].Values.Length)
                    .Select(index =>
                    {
                        var (output, input, tap) = (index / (map.Rows * taps), index / taps % map.Rows, index % taps);
                        return (float)
                            Enumerable
                                .Range(0, map.Rows)
                                .Sum(other => map[input, other] * model.Weights[name].Values[(((output * map.Rows) + other) * taps) + tap]);
                    }),
            ];
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
            weights[name] = model.Weights[name];
        foreach (var (name, reader, input, taps) in new[] { ("first", "second", "pool", 9), ("second", "third", "flat", 25) })
        {
            var exact = Channels(weights, input);
            var before = weights[$"{name}.weight"];
            weights[$"{name}.weight"] = new WeightTensor(before.Shape, RoundedWeight.Of(before, null, 3));
            Near(weights[$"{name}.weight"].Values, rounded.Weights[$"{name}.weight"].Values);
            var map = Udfc.LostParts(exact, Channels(weights, input)).WithRidge(1);
            weights[$"{reader}.weight"] = new WeightTensor(weights[$"{reader}.weight"].Shape, Rebuilt($"{reader}.weight", map, taps));
        }

        Near(weights["third.weight"].Values, rounded.Weights["third.weight"].Values);
        Assert.NotEqual(model.Weights["third.weight"].Values, rounded.Weights["third.weight"].Values);
    }

    private static void Near(float[] expected, float[] found) =>
        NumberAssert.Near([.. expected.Select(value => (double)value)], [.. found.Select(value => (double)value)], 1e-5);

    private static Model Round(Model model, int low, int high, PrecisionCompensation compensation, float[][]? calibration = null) =>
        WeightRounding.Round(model, new RoundingOptions(PairedPrecision.Bits(model.Graph, low, high), compensation), calibration);

    private static IEnumerable<float[]> Filters(WeightTensor weight) => weight.Values.Chunk(weight.Values.Length / weight.Shape[0]);
}

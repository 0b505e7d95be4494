using Subp.Compression.Blocks;
using Subp.Compression.Channels;
using Subp.Compression.Joint;
using Subp.Compression.Precision;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Precision;

public sealed class LayerBitsTests
{
    [Fact]
    public void The_first_layer_and_the_classifier_keep_eight_bits()
    {
        var bits = LayerBits.Uniform(Networks.Residual().Graph, 3);
        Assert.Equal((8, 3, 3, 8), (bits["stem"], bits["conv1"], bits["conv2"], bits["classifier"]));
    }

    [Fact]
    public void Ends_are_found_behind_whatever_has_no_weights()
    {
        var builder = new GraphBuilder("squeeze");
        var value = builder.Input("image", new TensorShape(1, 3, 10, 10));
        value = builder.Node("rim", new Pad { Padding = new Padding(1, 1, 1, 1) }, value);
        value = Networks.Unit(builder, "stem", value, 16, relu: true);
        var left = Networks.Unit(builder, "left", value, 16, relu: true);
        value = builder.Conv2d("classifier", builder.Node("sum", new Add(), left, value), 8, Window.Square(1));
        value = builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Node("scores", new Softmax(), value));
        var model = RandomWeights.For(builder.Build(), 1);
        foreach (var bits in new[] { LayerBits.Uniform(model.Graph, 2), LayerBits.ToError(model, 100) })
            Assert.Equal((8, 2, 8), (bits["stem"], bits["left"], bits["classifier"]));
    }

    [Fact]
    public void Automatic_bits_meet_the_size_and_fewer_bytes_give_fewer_bits()
    {
        var model = Networks.Residual();
        var all = LayerBits.Bytes(model, LayerBits.Uniform(model.Graph, 8));
        var before = int.MaxValue;
        foreach (var share in new[] { 0.9, 0.7, 0.5 })
        {
            var bits = LayerBits.ToSize(model, (long)(share * all));
            Assert.InRange(LayerBits.Bytes(model, bits), 1, (long)(share * all));
            Assert.True(bits.Values.Sum() < before);
            before = bits.Values.Sum();
        }

        var refused = Assert.Throws<SubpException>(() => LayerBits.ToSize(model, 10));
        Assert.Equal(DiagnosticDescriptors.BudgetNotMet, refused.Diagnostic.Descriptor);
    }

    // One weight has one rounding, which the layer of the most bits decides.
    [Fact]
    public void Layers_that_share_a_weight_have_the_same_bits_and_the_size_counts_those()
    {
        var model = Shared();
        var all = LayerBits.Bytes(model, LayerBits.Uniform(model.Graph, 8));
        var least = LayerBits.Bytes(model, LayerBits.Uniform(model.Graph, 2));
        Assert.Equal(LayerBits.Bytes(model, Bits(3)), LayerBits.Bytes(model, Bits(2, again: 3)));
        for (var bytes = least; bytes < all; bytes += (all - least) / 16)
        {
            var bits = LayerBits.ToSize(model, bytes);
            Assert.Equal(bits["inner"], bits["again"]);
            Assert.InRange(LayerBits.Bytes(model, bits), 1, bytes);
        }

        var byError = LayerBits.ToError(model, 0.05);
        Assert.Equal(byError["inner"], byError["again"]);
        var channels = new ChannelOptions
        {
            Ratio = 0.25,
            Multiple = 1,
            Criterion = ChannelCriterion.L1,
        };
        var weight = UdfcCompression.Compress(model, channels, Bits(2, again: 6)).Model.Weights["inner.weight"];
        // Ternary filters have three values at most.
        Assert.All(weight.Values.Chunk(weight.Values.Length / weight.Shape[0]), filter => Assert.InRange(filter.Distinct().Count(), 4, 63));

        Dictionary<string, int> Bits(int inner, int? again = null) =>
            new(StringComparer.Ordinal)
            {
                ["stem"] = 8,
                ["inner"] = inner,
                ["again"] = again ?? inner,
                ["body"] = 4,
                ["classifier"] = 8,
            };
    }

    // Packing folds normalisations into biases, and leaves floats where few bits save little.
    [Fact]
    public void The_size_counts_what_is_stored()
    {
        var model = Networks.Residual();
        var uniform = LayerBits.Uniform(model.Graph, 2);
        var beside = model.Graph.Parameters.Where(parameter => parameter.Shape.Rank == 1).Sum(parameter => 4L * parameter.Shape[0]);
        var folded = 4L * (16 + 32 + 16 + 5);
        var least = LayerBits.Bytes(model, uniform) - beside + folded;
        Assert.Equal(2, LayerBits.ToSize(model, least, folded)["conv1"]);
        Assert.Throws<SubpException>(() => LayerBits.ToSize(model, least));
        Assert.Throws<SubpException>(() => LayerBits.ToSize(model, least - 1, folded));

        // 3 x 16 x 9 numbers of more than 8 bits are floats, and so are 16 x 5 of the classifier, of which 8 bits would save 220 bytes.
        var many = new Dictionary<string, int>(StringComparer.Ordinal) { ["stem"] = 9, ["classifier"] = 8 };
        var none = LayerBits.Bytes(model, new Dictionary<string, int>(StringComparer.Ordinal));
        Assert.Equal(none, LayerBits.Bytes(model, many));
    }

    [Fact]
    public void A_larger_error_allows_fewer_bits()
    {
        var model = Networks.Residual();
        var refused = Assert.Throws<SubpException>(() => LayerBits.ToError(model, 0));
        Assert.Equal(DiagnosticDescriptors.BudgetNotMet, refused.Diagnostic.Descriptor);
        Assert.All(LayerBits.ToError(model, 0.00005).Values, bits => Assert.Equal(8, bits));
        Assert.True(LayerBits.ToError(model, 0.1).Values.Sum() < LayerBits.ToError(model, 0.001).Values.Sum());
        Assert.Equal(2, LayerBits.ToError(model, 10)["conv1"]);
    }

    [Fact]
    public void Pruned_blocks_stay_zero_and_have_no_say_in_the_scale()
    {
        var model = BlockCompression.Compress(Networks.Residual(), [new("conv2", 16, 24)], BlockRestoration.Moments).Model;
        foreach (var compensation in Enum.GetValues<PrecisionCompensation>())
        {
            var rounded = WeightRounding.Round(model, new RoundingOptions(LayerBits.Uniform(model.Graph, 2), compensation));
            var parameter = rounded.Graph.Parameter("conv2.weight");
            BlockSparseValues.RequireZerosOutside(parameter, rounded.Weights["conv2.weight"].Values);
            // Ternary filters of a few weights out of many zeros still have all three values.
            Assert.All(rounded.Weights["conv2.weight"].Values.Chunk(32 * 9), filter => Assert.Equal(3, filter.Distinct().Count()));
        }
    }

    // The second layer has the weights of the first and a normalisation of its own.
    private static Model Shared()
    {
        var builder = new GraphBuilder("shared");
        var value = Networks.Unit(builder, "stem", builder.Input("image", new TensorShape(1, 3, 10, 10)), 16, relu: true);
        value = Networks.Unit(builder, "inner", value, 16, relu: true);
        value = builder.Node("again", new Conv2d { Weight = "inner.weight", Window = Window.Square(3, 1, 1) }, value);
        value = builder.Node("again.relu", Activate.Relu, builder.BatchNorm("again.norm", value));
        value = Networks.Unit(builder, "body", value, 24, relu: true);
        value = builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classifier", value, 5));
        return RandomWeights.For(builder.Build(), 1);
    }

    [Fact]
    public void Packed_bytes_count_kept_weights_and_a_scale_for_each_filter()
    {
        var weight = new WeightTensor(new(16, 8, 3, 3), new float[16 * 72]);
        Assert.Equal((16 * 72 * 3 / 8) + 64, RoundedWeight.Bytes(weight, null, 3));
        Assert.Equal(
            (16 * 18 * 2 / 8) + 64,
            RoundedWeight.Bytes(
                weight,
                new BlockPattern(
                    16,
                    8,
                    [
                        [1, 5],
                    ]
                ),
                2
            )
        );
    }
}

using Subp.Compression.Quantizing;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Tooling.Quantizing;

namespace Subp.Tooling.Tests.Quantizing;

/// <summary>Ranges of values whose readers vanish into other layers than the one that makes the value.</summary>
public sealed class FoldedRangeTests
{
    private const float Scale = 0.5f;
    private static readonly Int8Options s_options = new() { InputRange = new ValueRange(-2, 2) };

    // The normalisation behind the first layer reaches six deviations from 0, that behind the activation a hundred times as far.
    private static readonly ValueRange s_behindActivation = new(0, 6 * Scale);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_normalisation_that_its_reader_takes_in_says_nothing_of_the_value_before_it(bool isVector)
    {
        var original = Normalised(isVector);
        var fused = FusedNetwork.Of(original);
        Assert.Null(fused.Graph.FindNode("ahead"));
        Assert.Equal(s_behindActivation, Range(Int8Conversion.Convert(original, fused, s_options), "stem"));
    }

    [Fact]
    public void A_range_that_was_tracked_behind_such_a_normalisation_is_not_that_of_the_value_before_it()
    {
        var original = Normalised(isVector: false);
        var fused = FusedNetwork.Of(original);
        var tracked = new Dictionary<string, ValueRange> { ["stem.relu"] = new(0, 1), ["ahead"] = new(-100, 100) };
        var ranges = Int8Conversion.FindRanges(original, fused, s_options).With(original.Graph, fused.Graph, tracked);
        Assert.Equal(new ValueRange(0, 1), Range(Int8Conversion.Convert(fused, ranges, s_options), "stem"));
    }

    [Fact]
    public void Normalisations_that_the_layer_before_them_takes_in_say_how_far_it_reaches()
    {
        var builder = new GraphBuilder("twice");
        var stem = builder.BatchNorm("stem.norm", builder.Conv2d("stem", Image(builder), 8, Window.Square(1)));
        builder.Output(builder.Conv2d("head", builder.BatchNorm("second", stem), 4, Window.Square(1)));
        var original = WithScales(builder);
        var fused = FusedNetwork.Of(original);
        Assert.Null(fused.Graph.FindNode("second"));
        Assert.Equal(600 * Scale, Range(Int8Conversion.Convert(original, fused, s_options), "stem").High);
    }

    [Fact]
    public void A_layer_that_shares_its_weight_does_not_take_the_normalisation_behind_it()
    {
        var builder = new GraphBuilder("shared");
        var image = Image(builder);
        var stem = builder.Conv2d("stem", image, 8, Window.Square(1));
        var twin = builder.Node("twin", new Conv2d { Weight = "stem.weight", Window = Window.Square(1) }, image);
        builder.Output(builder.Conv2d("head", builder.BatchNorm("ahead", stem), 4, Window.Square(1)));
        builder.Output(builder.BatchNorm("norm", builder.Conv2d("other", twin, 4, Window.Square(1))));
        var original = WithScales(builder);
        var fused = FusedNetwork.Of(original);
        Assert.Null(fused.Graph.FindNode("ahead"));
        Assert.InRange(Range(Int8Conversion.Convert(original, fused, s_options), "stem").High, 0, 60);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_padding_that_a_pool_takes_in_adds_nothing_to_the_value_before_it(bool staysFloat)
    {
        var builder = new GraphBuilder("padded");
        var stem = builder.BatchNorm("stem.norm", builder.Conv2d("stem", Image(builder), 8, Window.Square(1)));
        var padded = builder.Node(
            "pad",
            new Pad { Padding = new Padding(1, 1, 1, 1), Value = float.NegativeInfinity },
            builder.Node("stem.relu", Activate.Relu, stem)
        );
        var pooled = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2) }, padded);
        builder.Output(builder.Conv2d("head", pooled, 4, Window.Square(1)));
        var original = WithScales(builder);
        var fused = FusedNetwork.Of(original);
        Assert.Null(fused.Graph.FindNode("pad"));
        var options = s_options with { FloatReason = node => staysFloat && node == "stem" ? "as asked for" : null };
        var outcome = Int8Conversion.Convert(original, fused, options);
        Assert.Equal(s_behindActivation, Range(outcome, "stem"));
        Assert.Equal(s_behindActivation, Range(outcome, "pool"));
    }

    [Fact]
    public void Layers_have_the_names_of_all_nodes_that_became_part_of_them()
    {
        var builder = new GraphBuilder("names");
        var stem = builder.BatchNorm("stem.norm", builder.Conv2d("stem", Image(builder), 8, Window.Square(1)));
        var ahead = builder.BatchNorm("ahead", builder.Node("stem.relu", Activate.Relu, stem));
        // Two readers take the same normalisation in, and the last layer is called as its activation, an output, is.
        var (left, right) = (builder.Conv2d("left", ahead, 4, Window.Square(1)), builder.Conv2d("right", ahead, 4, Window.Square(1)));
        builder.Output(builder.Node("scores", Activate.Relu, builder.BatchNorm("left.norm", left)));
        builder.Output(builder.Node("swish", new Activate(Activation.Silu), builder.Node("clip", Activate.Relu6, right)));
        var original = WithScales(builder).Graph;
        var names = FusedLayers.Names(original, FusedNetwork.Of(WithScales(builder)).Graph);
        Assert.Equal(["right", "scores", "stem", "swish"], names.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["stem", "stem.norm", "stem.relu"], names["stem"].Order(StringComparer.Ordinal));
        Assert.Equal(["ahead", "left", "left.norm", "scores"], names["scores"].Order(StringComparer.Ordinal));
        Assert.Equal(["ahead", "clip", "right"], names["right"].Order(StringComparer.Ordinal));
        Assert.Equal(["swish"], names["swish"]);
    }

    private static Model Normalised(bool isVector)
    {
        var builder = new GraphBuilder("ahead");
        if (isVector)
        {
            var features = builder.Node("features", new Flatten(), Image(builder));
            var hidden = builder.BatchNorm("stem.norm", builder.Linear("stem", features, 8));
            builder.Output(builder.Linear("head", builder.BatchNorm("ahead", builder.Node("stem.relu", Activate.Relu, hidden)), 4));
            return WithScales(builder);
        }

        var stem = builder.BatchNorm("stem.norm", builder.Conv2d("stem", Image(builder), 8, Window.Square(3, 1, 1)));
        var normalized = builder.BatchNorm("ahead", builder.Node("stem.relu", Activate.Relu, stem));
        builder.Output(builder.Conv2d("head", normalized, 4, Window.Square(1)));
        return WithScales(builder);
    }

    private static string Image(GraphBuilder builder) => builder.Input("image", new TensorShape(1, 3, 8, 8));

    private static Model WithScales(GraphBuilder builder)
    {
        var model = RandomWeights.For(builder.Build(), 1);
        foreach (var norm in model.Graph.Nodes.Select(node => node.Operator).OfType<BatchNorm>())
        {
            Array.Fill(model.Weights[norm.Scale].Values, norm.Scale == "stem.norm.scale" ? Scale : 100 * Scale);
            Array.Fill(model.Weights[norm.Shift].Values, 0);
        }

        return model;
    }

    private static ValueRange Range(Int8Outcome outcome, string layer) => outcome.Layers.Single(found => found.Name == layer).Range!.Value;
}

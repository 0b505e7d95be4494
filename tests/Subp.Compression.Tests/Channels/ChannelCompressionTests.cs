using Subp.Compression.Calibration;
using Subp.Compression.Channels;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Channels;

public sealed class ChannelCompressionTests
{
    private static readonly TensorShape s_image = new(1, 3, 10, 10);

    [Theory]
    [InlineData(64, 0.3, 32)]
    [InlineData(512, 0.1, 448)]
    [InlineData(32, 0.5, 16)]
    [InlineData(32, 0.75, 8)]
    [InlineData(12, 0.5, 4)]
    [InlineData(2, 0.9, 1)]
    [InlineData(40, 0, 32)]
    public void Kept_channels_are_a_multiple_of_what_kernels_compute_at_once(int channels, double ratio, int kept) =>
        Assert.Equal(kept, new ChannelOptions { Ratio = ratio }.Kept(channels));

    [Theory]
    [InlineData(ChannelCriterion.UnexplainedVariance)]
    [InlineData(ChannelCriterion.L1)]
    [InlineData(ChannelCriterion.L2)]
    [InlineData(ChannelCriterion.Gamma)]
    [InlineData(ChannelCriterion.GeometricMedian)]
    [InlineData(ChannelCriterion.Random)]
    public void Every_criterion_gives_a_smaller_network_of_the_same_interface(ChannelCriterion criterion)
    {
        var model = Networks.Residual();
        foreach (var restoration in Enum.GetValues<ChannelRestoration>())
        {
            var options = new ChannelOptions
            {
                Ratio = 0.5,
                Multiple = 4,
                Criterion = criterion,
                Restoration = restoration,
                Shared = true,
            };
            var outcome = ChannelCompression.Shrink(model, options);
            GraphVerifier.Verify(outcome.Model.Graph);
            Assert.Equal(16, outcome.Model.Graph.ShapeOf("conv1").Channels);
            Assert.Equal(8, outcome.Model.Graph.ShapeOf("conv2").Channels);
            Assert.Equal(model.Graph.ShapeOf("classifier"), outcome.Model.Graph.ShapeOf("classifier"));
            Assert.Equal(
                ChannelCompression.Structure(model.Graph, options).Graph.Nodes.Select(node => node.Shape),
                outcome.Model.Graph.Nodes.Select(node => node.Shape)
            );
            Assert.All(outcome.Model.Weights.Names, name => outcome.Model.Weights[name].RequireFinite(name));
        }
    }

    [Fact]
    public void Taylor_takes_the_least_scores_behind_the_normalisation_and_is_refused_without_any()
    {
        var model = Networks.Residual();
        double[] scores = [.. Enumerable.Range(0, 32).Select(channel => channel % 2 == 0 ? 1.0 : 3 + channel)];
        var options = new ChannelOptions
        {
            Ratio = 0.5,
            Multiple = 1,
            Criterion = ChannelCriterion.Taylor,
            Restoration = ChannelRestoration.None,
            MayShrink = layer => layer == "conv1",
            // What the filters in front of a normalisation score does not count.
            TaylorScores = new Dictionary<string, double[]> { ["conv1.norm"] = scores, ["conv1"] = [.. scores.Reverse()] },
        };
        var left = ChannelCompression.Shrink(model, options).Model.Weights["conv1.norm.scale"].Values;
        Assert.Equal(model.Weights["conv1.norm.scale"].Values.Where((_, channel) => channel % 2 == 1), left);
        var failure = Assert.Throws<SubpException>(() => ChannelCompression.Shrink(model, options with { TaylorScores = null }));
        Assert.Equal("SUBP0535", failure.Diagnostic.Descriptor.Id);
        Assert.Contains("taylor", failure.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_of_several_layers_stay_unless_they_are_asked_for()
    {
        var outcome = ChannelCompression.Shrink(Networks.Residual(), new ChannelOptions { Ratio = 0.5 });
        var stream = outcome.Groups.Single(group => group.Layers.Contains("stem"));
        Assert.Contains("several layers add to them", stream.Reason, StringComparison.Ordinal);
        Assert.Equal(16, outcome.Model.Graph.ShapeOf("conv1").Channels);
    }

    [Fact]
    public void Moments_restore_more_than_nothing_and_more_still_with_inputs()
    {
        var calibration = Networks.Images(s_image, 60, 1);
        var inputs = Networks.Images(s_image, 30, 2);
        var model = NormRecalibration.Measure(Networks.Residual(), calibration, default);
        double Error(ChannelRestoration restoration, ChannelCriterion criterion = ChannelCriterion.L1, float[][]? set = null)
        {
            var options = new ChannelOptions
            {
                Ratio = 0.5,
                Restoration = restoration,
                Criterion = criterion,
            };
            return OutputError(model, ChannelCompression.Shrink(model, options, set).Model, inputs);
        }

        var none = Error(ChannelRestoration.None);
        var moments = Error(ChannelRestoration.Moments);
        var own = Error(ChannelRestoration.Moments, ChannelCriterion.UnexplainedVariance);
        var measured = Error(ChannelRestoration.Moments, ChannelCriterion.UnexplainedVariance, calibration);
        Assert.True(moments < none, FormattableString.Invariant($"none {none}, moments {moments}"));
        Assert.True(own < none, FormattableString.Invariant($"none {none}, own choice {own}"));
        Assert.True(measured < 0.5 * none, FormattableString.Invariant($"none {none}, measured {measured}"));
    }

    [Fact]
    public void A_channel_that_is_a_multiple_of_another_goes_without_a_loss()
    {
        var builder = new GraphBuilder("double");
        var image = builder.Input("image", s_image);
        var first = builder.Node("relu", Activate.Relu, builder.Conv2d("first", image, 4, Window.Square(3, 1, 1), bias: true));
        builder.Output(builder.Conv2d("last", first, 3, Window.Square(1), bias: true));
        var model = RandomWeights.For(builder.Build(), 3);
        var (weight, bias) = (model.Weights["first.weight"].Values, model.Weights["first.bias"].Values);
        for (var index = 0; index < 27; index++)
            weight[(2 * 27) + index] = 1.5f * weight[index];
        bias[2] = 1.5f * bias[0];
        var inputs = Networks.Images(s_image, 20, 3);
        var outcome = ChannelCompression.Shrink(model, new ChannelOptions { Ratio = 0.25, Multiple = 1 }, inputs);
        Assert.Equal(3, outcome.Model.Graph.ShapeOf("first").Channels);
        Assert.InRange(OutputError(model, outcome.Model, inputs), 0, 1e-5);
    }

    [Fact]
    public void A_layer_that_is_left_out_by_name_keeps_its_channels_and_says_so()
    {
        var outcome = ChannelCompression.Shrink(
            Networks.Residual(),
            new ChannelOptions
            {
                Ratio = 0.5,
                Shared = true,
                Multiple = 4,
                MayShrink = layer => layer != "conv2",
            }
        );
        Assert.Equal("'conv2' is left out by name", outcome.Groups.Single(group => group.Layers.Contains("stem")).Reason);
        Assert.Equal(16, outcome.Model.Graph.ShapeOf("stem").Channels);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(1)]
    public void A_global_share_ranks_the_slices_of_a_value_apart_and_leaves_each_a_fifth(int multiple)
    {
        // One layer is cut into two halves that go different ways; nothing reads the second with weights of any size.
        var builder = new GraphBuilder("halves");
        var image = builder.Input("image", new TensorShape(1, 3, 6, 6));
        var wide = builder.Conv2d("wide", image, 112, Window.Square(1));
        string Half(string name, int begin, int end) =>
            builder.Conv2d(
                name,
                builder.Node(
                    name + ".part",
                    new Slice
                    {
                        Axis = 1,
                        Begin = begin,
                        End = end,
                    },
                    wide
                ),
                8,
                Window.Square(1)
            );
        builder.Output(Half("large", 0, 64));
        builder.Output(Half("small", 64, 112));
        var model = RandomWeights.For(builder.Build(), 1);
        model.Weights["small.weight"].Values.AsSpan().Clear();
        var options = new ChannelOptions
        {
            Ratio = 0.3,
            Multiple = multiple,
            Restoration = ChannelRestoration.None,
        };
        var ranked = options with { Ranking = ChannelRanking.Of(model, options) };
        var groups = ChannelCompression.Shrink(model, ranked).Groups.Where(group => group.Layers.Contains("wide")).ToArray();
        Assert.Equal(2, groups.Length);
        Assert.Equal((64, 64), (groups[0].Before, groups[0].After));
        Assert.Equal((48, multiple == 1 ? 15 : 16), (groups[1].Before, groups[1].After));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Channels_that_layers_of_shared_weights_read_go_by_the_size_of_their_filters(bool isRanked)
    {
        var builder = new GraphBuilder("siamese");
        var weight = builder.Parameter("shared", new TensorShape(4, 8, 1, 1));
        foreach (var branch in new[] { "a", "b" })
        {
            var image = builder.Input(branch + ".image", new TensorShape(1, 3, 6, 6));
            var read = builder.Node(branch + ".relu", Activate.Relu, builder.Conv2d(branch, image, 8, Window.Square(3, 1, 1)));
            builder.Output(builder.Node(branch + ".head", new Conv2d { Weight = weight, Window = Window.Square(1) }, read));
        }

        var model = RandomWeights.For(builder.Build(), 7);
        // The first filters are the largest.
        foreach (var branch in new[] { "a", "b" })
        {
            var values = model.Weights[branch + ".weight"].Values;
            for (var index = 0; index < values.Length; index++)
                values[index] *= 8 - (index / 27);
        }

        var options = new ChannelOptions
        {
            Ratio = 0.5,
            Multiple = 1,
            Restoration = ChannelRestoration.Moments,
        };
        if (isRanked)
            options = options with { Ranking = ChannelRanking.Of(model, options) };
        var outcome = ChannelCompression.Shrink(model, options);
        var kept = outcome.Model.Weights["a.weight"].Shape[0];
        Assert.InRange(kept, 3, 5);
        Assert.Equal(model.Weights["a.weight"].Values.AsSpan(0, kept * 27).ToArray(), outcome.Model.Weights["a.weight"].Values);
        Assert.Equal(["a.head", "b.head"], outcome.NotRestored);
        Assert.Empty(ChannelCompression.Shrink(model, options with { Restoration = ChannelRestoration.None }).NotRestored);
    }

    [Fact]
    public void Numbers_without_dimensions_are_left_as_they_are()
    {
        var builder = new GraphBuilder("square");
        var image = builder.Input("image", new TensorShape(1, 3, 6, 6));
        var read = builder.Node("relu", Activate.Relu, builder.Conv2d("first", image, 8, Window.Square(3, 1, 1)));
        var second = builder.Conv2d("second", read, 4, Window.Square(1));
        var two = builder.Node("two", new Constant { Value = builder.Parameter("two.value", new TensorShape()) });
        builder.Output(builder.Node("power", new Binary { Kind = BinaryKind.Power }, second, two));
        var outcome = ChannelCompression.Shrink(RandomWeights.For(builder.Build(), 7), new ChannelOptions { Ratio = 0.5, Multiple = 1 });
        Assert.Equal(4, outcome.Model.Weights["first.weight"].Shape[0]);
        Assert.Equal(0, outcome.Model.Weights["two.value"].Shape.Rank);
    }

    [Fact]
    public void What_the_published_forms_cannot_restore_is_named()
    {
        ChannelOutcome Shrunk(ChannelRestoration restoration) =>
            ChannelCompression.Shrink(
                Networks.Residual(),
                new ChannelOptions
                {
                    Ratio = 0.5,
                    Multiple = 4,
                    Shared = true,
                    Restoration = restoration,
                }
            );
        // It stands behind the sum of the block.
        Assert.Equal(["classifier"], Shrunk(ChannelRestoration.Udfc).NotRestored);
        Assert.Empty(Shrunk(ChannelRestoration.None).NotRestored);
        Assert.Empty(Shrunk(ChannelRestoration.Moments).NotRestored);
    }

    // As networks are exported whose normalisations have no scale.
    [Fact]
    public void No_more_channels_go_than_the_share_though_all_are_worth_the_same()
    {
        var model = Networks.Residual();
        foreach (var name in model.Weights.Names.Where(name => name.EndsWith("norm.scale", StringComparison.Ordinal)))
            Array.Fill(model.Weights[name].Values, 1);
        var options = new ChannelOptions
        {
            Ratio = 0.1,
            Multiple = 1,
            Criterion = ChannelCriterion.Gamma,
            Restoration = ChannelRestoration.None,
            Shared = true,
        };
        var groups = ChannelCompression.Shrink(model, options with { Ranking = ChannelRanking.Of(model, options) }).Groups;
        var (before, after) = (groups.Sum(group => group.Before), groups.Sum(group => group.After));
        Assert.InRange(before - after, 1, before / 10);
    }

    [Fact]
    public void A_network_with_nothing_to_remove_is_refused_with_a_reason()
    {
        var builder = new GraphBuilder("one");
        builder.Output(builder.Conv2d("only", builder.Input("image", s_image), 8, Window.Square(3)));
        var exception = Assert.Throws<SubpException>(() =>
            ChannelCompression.Shrink(RandomWeights.For(builder.Build(), 1), new ChannelOptions())
        );
        Assert.Equal("SUBP0533", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("found 1 group of channels; ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("it is an output of the network", exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("No option changes that", exception.Diagnostic.Action, StringComparison.Ordinal);
        exception = Assert.Throws<SubpException>(() => ChannelCompression.Shrink(Networks.Residual(), new ChannelOptions { Ratio = 0 }));
        Assert.StartsWith("Remove a larger share", exception.Diagnostic.Action, StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_that_is_alone_stays_and_the_reason_says_so()
    {
        var builder = new GraphBuilder("narrow");
        var first = builder.Conv2d("first", builder.Input("image", s_image), 8, Window.Square(3));
        var second = builder.Conv2d("second", first, 1, Window.Square(1));
        builder.Output(builder.Conv2d("last", second, 3, Window.Square(1)));
        var outcome = ChannelCompression.Shrink(RandomWeights.For(builder.Build(), 1), new ChannelOptions { Ratio = 0.5, Multiple = 1 });
        Assert.Equal([4, 1], outcome.Groups.Take(2).Select(group => group.After));
        Assert.Equal([null, "the only channel cannot go"], outcome.Groups.Take(2).Select(group => group.Reason));
    }

    [Fact]
    public void The_criterion_gamma_needs_a_normalisation()
    {
        var builder = new GraphBuilder("plain");
        var first = builder.Conv2d("first", builder.Input("image", s_image), 8, Window.Square(3));
        builder.Output(builder.Conv2d("last", first, 3, Window.Square(1)));
        var exception = Assert.Throws<SubpException>(() =>
            ChannelCompression.Shrink(
                RandomWeights.For(builder.Build(), 1),
                new ChannelOptions { Criterion = ChannelCriterion.Gamma, Multiple = 1 }
            )
        );
        Assert.Equal("SUBP0535", exception.Diagnostic.Descriptor.Id);
    }

    private static double OutputError(Model before, Model after, float[][] inputs)
    {
        var (error, size) = (0.0, 0.0);
        foreach (var (then, now) in new NodeSweep(before, inputs, default).Run().Zip(new NodeSweep(after, inputs, default).Run()))
        {
            for (var index = 0; index < then.Length; index++)
            {
                error += Math.Pow(then[index] - now[index], 2);
                size += Math.Pow(then[index], 2);
            }
        }

        return error / size;
    }
}

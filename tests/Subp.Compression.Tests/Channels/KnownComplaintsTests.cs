using Subp.Compression.Channels;
using Subp.Core.Channels;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Channels;

/// <summary>
/// What users of Torch-Pruning, the most used library that removes channels, complain of in its issues: each is a test here. The third
/// complaint, accuracy that is gone without a word, is a test of the command line.
/// </summary>
public sealed class KnownComplaintsTests
{
    private static readonly TensorShape s_image = new(1, 4, 8, 8);

    // Issues 146, 481, 415, 188, 147.
    [Fact]
    public void First_a_slice_of_a_concatenation_takes_the_channels_of_the_right_parts()
    {
        var builder = new GraphBuilder("parts");
        var image = builder.Input("image", s_image);
        string left = builder.Conv2d("left", image, 4, Window.Square(1)),
            right = builder.Conv2d("right", image, 6, Window.Square(1));
        var join = builder.Node("join", new Concat(), left, right);
        var slice = builder.Node(
            "slice",
            new Slice
            {
                Axis = 1,
                Begin = 2,
                End = 8,
            },
            join
        );
        builder.Output(builder.Conv2d("last", slice, 3, Window.Square(1)));
        var units = ChannelDependencies
            .Find(builder.Build())
            .Where(group => group.FrozenBecause is null)
            .SelectMany(group => group.Units)
            .ToArray();
        Assert.Equal(10, units.Length);
        Assert.Contains(units, unit => unit.SequenceEqual([("left", 1), ("join", 1)]));
        Assert.Contains(units, unit => unit.SequenceEqual([("left", 3), ("join", 3), ("slice", 1)]));
        Assert.Contains(units, unit => unit.SequenceEqual([("right", 1), ("join", 5), ("slice", 3)]));
        Assert.Contains(units, unit => unit.SequenceEqual([("right", 5), ("join", 9)]));
    }

    // Issues 22, 33, 149, 97, 382, 38.
    [Fact]
    public void Second_kept_channels_are_whole_vectors_so_that_what_goes_is_time()
    {
        foreach (var channels in new[] { 16, 24, 64, 100, 512 })
        {
            for (var ratio = 0.0; ratio < 0.95; ratio += 0.05)
            {
                var kept = new ChannelOptions { Ratio = ratio }.Kept(channels);
                Assert.True(kept < 16 || kept % 16 == 0, FormattableString.Invariant($"{kept} of {channels} at {ratio}"));
            }
        }
    }

    // Issues 341, 160.
    [Fact]
    public void Fourth_a_layer_that_is_left_out_keeps_its_outputs_while_its_inputs_follow()
    {
        var outcome = ChannelCompression.Shrink(
            Networks.Residual(),
            new ChannelOptions { Ratio = 0.5, MayShrink = layer => layer != "conv2" }
        );
        Assert.Equal([16, 16, 3, 3], outcome.Model.Graph.Parameter("conv2.weight").Shape.Dimensions);
        GraphVerifier.Verify(outcome.Model.Graph);
    }

    // Issues 328, 179, 126.
    [Fact]
    public void Fifth_one_channel_is_not_taken_for_depthwise_and_depthwise_layers_follow()
    {
        var builder = new GraphBuilder("depthwise");
        var image = builder.Input("image", new TensorShape(1, 1, 8, 8));
        var single = builder.Conv2d("single", image, 27, Window.Square(3, 1, 1));
        var depthwise = builder.Conv2d("depthwise", single, 27, Window.Square(3, 1, 1), 27);
        builder.Output(builder.Conv2d("last", depthwise, 5, Window.Square(1)));
        var model = RandomWeights.For(builder.Build(), 3);
        var smaller = ChannelCompression.Shrink(model, new ChannelOptions { Ratio = 0.5, Multiple = 1 }).Model.Graph;
        Assert.Equal([13, 1, 3, 3], smaller.Parameter("single.weight").Shape.Dimensions);
        Assert.Equal([13, 1, 3, 3], smaller.Parameter("depthwise.weight").Shape.Dimensions);
        Assert.Equal(13, ((Conv2d)smaller.FindNode("depthwise")!.Operator).Groups);
        Assert.Equal([5, 13, 1, 1], smaller.Parameter("last.weight").Shape.Dimensions);
        GraphVerifier.Verify(smaller);
    }

    // Issues 13, 45; nni 3453.
    [Fact]
    public void Sixth_a_shuffle_shrinks_and_a_reshape_is_named()
    {
        var builder = new GraphBuilder("moved");
        var image = builder.Input("image", s_image);
        var shuffled = builder.Node("mix", new ChannelShuffle { Groups = 2 }, builder.Conv2d("first", image, 8, Window.Square(1)));
        var second = builder.Conv2d("second", shuffled, 8, Window.Square(1));
        builder.Output(builder.Conv2d("last", builder.Node("seen", new Reshape(1, 4, 16, 8), second), 2, Window.Square(1)));
        var outcome = ChannelCompression.Shrink(RandomWeights.For(builder.Build(), 3), new ChannelOptions { Ratio = 0.5, Multiple = 1 });
        Assert.Equal(4, outcome.Model.Graph.ShapeOf("mix").Channels);
        var frozen = outcome.Groups.First(group => group.Layers.Contains("second"));
        Assert.Contains("'seen'", frozen.Reason, StringComparison.Ordinal);
        Assert.Equal(8, outcome.Model.Graph.ShapeOf("second").Channels);
    }

    // Issue 29; jacobgil 26.
    [Fact]
    public void Seventh_what_was_shrunk_is_stored_and_read_again_without_the_original()
    {
        var model = ChannelCompression
            .Shrink(
                Networks.Residual(),
                new ChannelOptions
                {
                    Ratio = 0.5,
                    Shared = true,
                    Multiple = 4,
                }
            )
            .Model;
        using var weights = new MemoryStream();
        var text = ModelBundle.Write(model, weights);
        var (read, _) = ModelBundle.Read(text, "small.subp", weights.ToArray(), "small.safetensors");
        Assert.Equal(model.Graph.Nodes.Select(node => node.Shape), read.Graph.Nodes.Select(node => node.Shape));
        Assert.Equal(model.Weights["conv1.weight"].Values, read.Weights["conv1.weight"].Values);
    }

    // Issues 416, 507, 136, 73; ultralytics 16806.
    [Fact]
    public void Eighth_every_group_is_smaller_or_says_why_not()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var model = RandomGraph.Create(seed, new RandomGraphOptions { BlockLengths = [], LargestExtent = 9 });
            ChannelOutcome outcome;
            try
            {
                outcome = ChannelCompression.Shrink(
                    model,
                    new ChannelOptions
                    {
                        Ratio = 0.5,
                        Multiple = 1,
                        Shared = seed % 2 == 0,
                    }
                );
            }
            catch (Core.Diagnostics.SubpException nothing)
            {
                Assert.Equal("SUBP0533", nothing.Diagnostic.Descriptor.Id);
                continue;
            }

            GraphVerifier.Verify(outcome.Model.Graph);
            Assert.All(outcome.Groups, group => Assert.Equal(group.After < group.Before, group.Reason is null));
            Assert.Equal(model.Graph.ShapeOf(model.Graph.Outputs[0]), outcome.Model.Graph.ShapeOf(outcome.Model.Graph.Outputs[0]));
        }
    }
}

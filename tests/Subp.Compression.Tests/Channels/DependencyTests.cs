using Subp.Core.Channels;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Channels;

/// <summary>What goes together, and that a network from which nothing was read that went computes what it did.</summary>
public sealed class DependencyTests
{
    [Fact]
    public void Channels_that_nobody_reads_can_be_taken_out_of_any_network_without_a_change_of_its_outputs()
    {
        var shrunk = 0;
        for (var seed = 0; seed < 2000; seed++)
        {
            // Two of three networks as they are published, the third with operators of any rank and several inputs and outputs.
            var options = new RandomGraphOptions { BlockLengths = [], LargestExtent = 11 };
            var model = RandomGraph.Create(seed, seed % 3 == 2 ? options with { Rank = 4, DrawsGeneralOperators = true } : options);
            var random = new Random(seed);
            var units = new List<IReadOnlyList<(string Value, int Channel)>>();
            foreach (var group in ChannelDependencies.Find(model.Graph).Where(group => group.FrozenBecause is null))
            {
                if (group.Units.Count > 1)
                    units.AddRange(group.Units.OrderBy(_ => random.Next()).Take(random.Next(group.Units.Count)));
            }

            if (units.Count == 0)
                continue;
            shrunk++;
            var unread = WithoutReaders(model, units);
            var smaller = ChannelRewriter.Remove(unread, units);
            GraphVerifier.Verify(smaller.Graph);
            Assert.True(
                smaller.Graph.Parameters.Sum(p => (long)p.Shape.ElementCount) < model.Graph.Parameters.Sum(p => (long)p.Shape.ElementCount)
            );
            var inputs = model.Graph.Inputs.ToDictionary(input => input.Name, input => RandomWeights.Input(input.Shape, seed));
            var expected = new ReferenceInterpreter(unread).RunAll(inputs);
            var found = new ReferenceInterpreter(smaller).RunAll(inputs);
            foreach (var output in model.Graph.Outputs)
                RequireNear(expected[output], found[output], $"seed {seed}, '{output}'");
        }

        Assert.True(shrunk > 800, $"{shrunk} networks had something to remove");
    }

    [Fact]
    public void The_first_stage_of_a_residual_network_is_one_group_with_its_readers_outside()
    {
        var builder = new GraphBuilder("stage");
        var image = builder.Input("image", new TensorShape(1, 3, 8, 8));
        var stem = Networks.Unit(builder, "stem", image, 8, relu: true);
        var first = Block(builder, "a", stem, 8);
        var second = Block(builder, "b", first, 8);
        var down = Networks.Unit(builder, "down", second, 16, relu: false, kernel: 1);
        builder.Output(builder.Linear("last", builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), down)), 4));

        var groups = ChannelDependencies.Find(builder.Build());
        Assert.Equal(["stem", "a.conv2", "b.conv2"], Layers(groups.Single(group => group.Values.Contains("stem"))));
        Assert.Equal(["a.conv1"], Layers(groups.Single(group => group.Values.Contains("a.conv1"))));
        Assert.Equal(["down"], Layers(groups.Single(group => group.Values.Contains("down"))));
        Assert.Equal("it is an output of the network", groups.Single(group => group.Values.Contains("last")).FrozenBecause);
        Assert.Equal("it is an input of the network", groups.Single(group => group.Values.Contains("image")).FrozenBecause);
    }

    [Fact]
    public void A_flattened_channel_is_as_many_features_as_it_has_pixels()
    {
        var builder = new GraphBuilder("flat");
        var image = builder.Input("image", new TensorShape(1, 2, 2, 2));
        var flat = builder.Node("flat", new Flatten(), builder.Conv2d("conv", image, 3, Window.Square(1)));
        builder.Output(builder.Linear("last", flat, 2));
        var unit = ChannelDependencies.Find(builder.Build()).Single(group => group.FrozenBecause is null).Units[1];
        Assert.Equal([("conv", 1), ("flat", 4), ("flat", 5), ("flat", 6), ("flat", 7)], unit);
    }

    [Fact]
    public void A_value_twice_in_a_concatenation_loses_both_places()
    {
        var builder = new GraphBuilder("twice");
        var image = builder.Input("image", new TensorShape(1, 2, 4, 4));
        var conv = builder.Conv2d("conv", image, 3, Window.Square(1));
        builder.Output(builder.Conv2d("last", builder.Node("join", new Concat(), conv, conv), 2, Window.Square(1)));
        var unit = ChannelDependencies.Find(builder.Build()).Single(group => group.FrozenBecause is null).Units[2];
        Assert.Equal([("conv", 2), ("join", 2), ("join", 5)], unit);
    }

    [Fact]
    public void A_shuffle_loses_the_same_place_of_all_its_groups()
    {
        var builder = new GraphBuilder("shuffle");
        var image = builder.Input("image", new TensorShape(1, 2, 4, 4));
        var conv = builder.Conv2d("conv", image, 6, Window.Square(1));
        builder.Output(builder.Conv2d("last", builder.Node("mix", new ChannelShuffle { Groups = 2 }, conv), 2, Window.Square(1)));
        var unit = ChannelDependencies.Find(builder.Build()).Single(group => group.FrozenBecause is null).Units[0];
        Assert.Equal([("conv", 0), ("conv", 3), ("mix", 0), ("mix", 1)], unit);
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(2, 2)]
    public void A_convolution_of_channel_groups_loses_whole_ones(int groups, int units)
    {
        var builder = new GraphBuilder("grouped");
        var image = builder.Input("image", new TensorShape(1, 2, 4, 4));
        var conv = builder.Conv2d("conv", image, 4, Window.Square(1));
        builder.Output(builder.Conv2d("last", builder.Conv2d("grouped", conv, 8, Window.Square(3, 1, 1), groups), 2, Window.Square(1)));
        Assert.Equal(units, ChannelDependencies.Find(builder.Build()).Single(group => group.FrozenBecause is null).Units.Count);
    }

    [Fact]
    public void A_rim_of_another_constant_than_zero_and_a_reshape_freeze_what_is_in_front_of_them_by_name()
    {
        var builder = new GraphBuilder("frozen");
        var image = builder.Input("image", new TensorShape(1, 2, 4, 4));
        var conv = builder.Conv2d("conv", image, 4, Window.Square(1));
        var padded = builder.Node("rim", new Pad { Padding = Padding.All(1), Value = 0.5f }, conv);
        var second = builder.Conv2d("second", padded, 4, Window.Square(1));
        builder.Output(builder.Conv2d("last", builder.Node("seen", new Reshape(1, 2, 12, 6), second), 2, Window.Square(1)));
        var groups = ChannelDependencies.Find(builder.Build());
        Assert.Contains("'rim'", groups.Single(group => group.Values.Contains("conv")).FrozenBecause, StringComparison.Ordinal);
        Assert.Contains("'seen'", groups.First(group => group.Values.Contains("second")).FrozenBecause, StringComparison.Ordinal);
    }

    private static void RequireNear(double[] expected, double[] found, string place)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var index = 0; index < expected.Length; index++)
            Assert.True(
                expected[index].Equals(found[index])
                    || Math.Abs(expected[index] - found[index]) <= 1e-6 * Math.Max(1, Math.Abs(expected[index])),
                FormattableString.Invariant($"{place}: {found[index]} at {index} instead of {expected[index]}")
            );
    }

    private static string Block(GraphBuilder builder, string name, string input, int width)
    {
        var inner = Networks.Unit(builder, $"{name}.conv1", input, width, relu: true);
        var branch = Networks.Unit(builder, $"{name}.conv2", inner, width, relu: false);
        return builder.Node($"{name}.relu", Activate.Relu, builder.Node($"{name}.sum", new Add(), branch, input));
    }

    private static IEnumerable<string> Layers(ChannelGroup group) =>
        group.Values.Where(value =>
            !value.Contains("norm") && !value.Contains("relu") && !value.Contains("sum") && value is not ("pool" or "flat")
        );

    // Weights of zero wherever a layer of whole channels reads one that is to go.
    private static Model WithoutReaders(Model model, IEnumerable<IReadOnlyList<(string Value, int Channel)>> units)
    {
        var gone = units.SelectMany(unit => unit).ToHashSet();
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
            weights[name] = model.Weights[name];
        foreach (var node in model.Graph.Nodes.Where(node => node.Operator is Conv2d { Groups: 1 } or Linear))
        {
            var name = node.Operator.Parameters[0].Name;
            float[] values = [.. weights[name].Values];
            var shape = weights[name].Shape;
            var size = shape.ElementCount / (shape[0] * shape[1]);
            for (var block = 0; block < shape[0] * shape[1]; block++)
            {
                if (gone.Contains((node.Inputs[0], block % shape[1])))
                    values.AsSpan(block * size, size).Clear();
            }

            weights[name] = new WeightTensor(shape, values);
        }

        return model with
        {
            Weights = weights,
        };
    }
}

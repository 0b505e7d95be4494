using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Channels;
using Subp.Training.Models;
using Subp.Training.Numerics;

namespace Subp.Training.Tests.Channels;

public sealed class ChannelAnalysisTests
{
    public static TheoryData<string> Networks() => ["fashion-resnet8", "cifar-resnet20", "mobilenet-v1", "mobilenet-v2", "mixed"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_with_its_channels_in_another_order_computes_what_it_did(string network)
    {
        var model = Model(network);
        var random = new DeterministicRandom(7);
        var orders = ChannelAnalysis
            .Find(model.Graph)
            .Select(channels =>
            {
                int[] order = [.. Enumerable.Range(0, channels.Channels)];
                random.Shuffle(order);
                return new ChannelSelection(channels, order);
            })
            .ToArray();
        Assert.NotEmpty(orders);
        AssertSame(model, ChannelSelection.Apply(model, orders));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Rearranged_filters_come_in_the_order_of_their_norm_and_the_network_computes_what_it_did(string network)
    {
        var model = Model(network);
        string[] weights = [.. model.Graph.Nodes.Where(node => node.Operator is Conv2d).Select(node => ((Conv2d)node.Operator).Weight)];
        var rearranged = FilterRearrangement.Apply(model, weights);
        AssertSame(model, rearranged);
        foreach (var channels in ChannelAnalysis.Find(model.Graph).Where(channels => channels.Producers.Count() == 1))
        {
            var producer = channels.Producers.First();
            if (!weights.Contains(producer.Parameter))
                continue;

            double[] norms = FilterNorms.Sum([producer], channels.Channels, name => rearranged.Weights[name].Values);
            Assert.Equal(norms.OrderDescending(), norms);
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_without_some_channels_computes_what_it_did_with_their_readers_at_zero(string network)
    {
        var model = Model(network);
        var kept = ChannelAnalysis
            .Find(model.Graph)
            .Select(channels => new ChannelSelection(
                channels,
                [.. Enumerable.Range(0, channels.Channels).Where(channel => channel % 3 != 1)]
            ))
            .ToArray();
        var silenced = new WeightSet();
        foreach (string name in model.Weights.Names)
            silenced[name] = new WeightTensor(model.Weights[name].Shape, [.. model.Weights[name].Values]);
        foreach (var carrier in kept.SelectMany(selection => selection.Class.Carriers).Where(carrier => carrier.Role == CarrierRole.Reader))
        {
            var tensor = silenced[carrier.Parameter];
            int columns = tensor.Shape[1];
            int entry = tensor.Values.Length / tensor.Shape[0] / columns;
            for (int index = 0; index < tensor.Values.Length; index++)
                tensor.Values[index] *= index / entry % columns / carrier.Repeat % 3 == 1 ? 0 : 1;
        }

        AssertSame(new Model(model.Graph, silenced), ChannelSelection.Apply(model, kept));
    }

    [Fact]
    public void Channels_that_inputs_outputs_or_cutting_operators_show_are_not_free()
    {
        var builder = new GraphBuilder("closed");
        string image = builder.Input("image", new TensorShape(1, 4, 6, 6));
        string free = builder.Conv2d("free", image, 8, Window.Square(3, 1, 1));
        string cut = builder.Conv2d("cut", free, 8, Window.Square(3, 1, 1));
        string joined = builder.Node("joined", new Concat(), cut, cut);
        builder.Output(builder.Conv2d("seen", joined, 8, Window.Square(1)));
        var classes = ChannelAnalysis.Find(builder.Build());
        Assert.Equal(["free.weight"], classes.SelectMany(channels => channels.Producers).Select(producer => producer.Parameter));
    }

    [Fact]
    public void Channels_that_a_grouped_convolution_takes_together_are_not_free_one_by_one()
    {
        var builder = new GraphBuilder("grouped");
        string image = builder.Input("image", new TensorShape(1, 4, 6, 6));
        string first = builder.Conv2d("first", image, 8, Window.Square(3, 1, 1));
        string grouped = builder.Conv2d("grouped", first, 8, Window.Square(3, 1, 1), groups: 4);
        builder.Output(builder.Conv2d("seen", grouped, 8, Window.Square(1)));
        Assert.Empty(ChannelAnalysis.Find(builder.Build()));
    }

    private static Model Model(string network)
    {
        var graph =
            network == "mixed" ? Mixed()
            : network == FashionResNet8.Name ? FashionResNet8.Build(ModelMetadata.Empty with { ClassNames = ["a", "b", "c"] })
            : ModelZoo.Build(network, new TensorShape(1, 3, 32, 32), 5, ModelMetadata.Empty);
        var weights = WeightInitializer.Initialize(graph, 11);
        // Normalisations that differ from channel to channel, or an order that is wrong would not show.
        var random = new DeterministicRandom(12);
        foreach (string name in weights.Names.Where(name => weights[name].Shape.Rank == 1))
        {
            foreach (ref float value in weights[name].Values.AsSpan())
                value += (float)(0.4 * random.NextDouble());
        }

        return new Model(graph, weights);
    }

    // A flattened map, a depthwise convolution and a linear layer inside.
    private static Graph Mixed()
    {
        var builder = new GraphBuilder("mixed");
        string value = builder.Input("image", new TensorShape(1, 2, 8, 8));
        value = builder.Node("a.relu", Activate.Relu, builder.Conv2d("a", value, 12, Window.Square(3, 1, 1), bias: true));
        value = builder.BatchNorm("b.norm", builder.Conv2d("b", value, 12, Window.Square(3, 2, 1), groups: 12));
        value = builder.Node("flat", new Flatten(), value);
        value = builder.Linear("hidden", value, 9);
        builder.Output(builder.Linear("classifier", value, 4));
        return builder.Build();
    }

    private static void AssertSame(Model expected, Model found)
    {
        GraphVerifier.Verify(found.Graph);
        var shape = expected.Graph.Inputs[0].Shape;
        var random = new DeterministicRandom(3);
        float[] image = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (float)random.NextGaussian())];
        float[] Run(Model model)
        {
            var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
            new ReferenceInterpreter(model).Run(image, output);
            return output;
        }

        var (before, after) = (Run(expected), Run(found));
        float scale = before.Max(MathF.Abs);
        Assert.True(scale > 0);
        for (int index = 0; index < before.Length; index++)
            Assert.Equal(before[index], after[index], scale * 1e-5f);
    }
}

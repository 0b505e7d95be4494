using Subp.Compiler.Packing;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Packing;

public sealed class FewBitsPassTests
{
    private static readonly FindFewBits s_find = new();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    public void The_fewest_bits_of_every_layer_are_found(int bits)
    {
        var found = Agreement.After(s_find, FewBitWeights.Of(Network(), bits));
        Assert.Equal(
            [("conv.bias", null), ("conv.weight", bits), ("head.bias", null), ("head.weight", bits)],
            found.Graph.Parameters.Select(parameter => (parameter.Name, parameter.Bits)).Order()
        );
        Assert.Same(found, s_find.Run(found));
    }

    [Fact]
    public void Weights_of_many_values_and_small_ones_stay_as_they_are()
    {
        var random = Network();
        Assert.Same(random, s_find.Run(random));
        var builder = new GraphBuilder("net");
        builder.Output(builder.Linear("small", builder.Input("x", new TensorShape(1, 8)), 8));
        var small = FewBitWeights.Of(RandomWeights.For(builder.Build(), 1), 2);
        Assert.Same(small, s_find.Run(small));
        // One number for every channel of one tap: the scale alone is as long.
        builder = new GraphBuilder("net");
        builder.Output(builder.Conv2d("taps", builder.Input("x", new TensorShape(1, 512, 4, 4)), 512, Window.Square(1), groups: 512));
        var taps = FewBitWeights.Of(RandomWeights.For(builder.Build(), 1), 2);
        Assert.Same(taps, s_find.Run(taps));
    }

    [Fact]
    public void Bits_that_no_longer_hold_are_forgotten()
    {
        var found = s_find.Run(FewBitWeights.Of(Network(), 4));
        var trained = s_find.Run(Network() with { Graph = found.Graph });
        Assert.All(trained.Graph.Parameters, parameter => Assert.Null(parameter.Bits));
        Assert.Equal(6, s_find.Run(FewBitWeights.Of(Network(), 6) with { Graph = found.Graph }).Graph.Parameter("conv.weight").Bits);
    }

    [Fact]
    public void Folding_a_normalisation_keeps_the_bits()
    {
        var builder = new GraphBuilder("net");
        var value = builder.Conv2d("conv", builder.Input("x", new TensorShape(1, 16, 5, 5)), 32, Window.Square(3, padding: 1));
        builder.Output(builder.BatchNorm("norm", value));
        var model = FewBitWeights.Of(RandomWeights.For(builder.Build(), 4), 3);
        // A channel turned around and one that is switched off.
        (model.Weights["norm.scale"].Values[3], model.Weights["norm.scale"].Values[5]) = (-0.7f, 0);
        var packed = PassPipeline.Pack(model);
        Assert.Equal(3, packed.Graph.Parameter("conv.weight").Bits);
        Assert.DoesNotContain(packed.Graph.Nodes, node => node.Operator is BatchNorm);
        Agreement.After(new FoldBatchNorm(), model);
        Assert.True(packed.Weights["conv.weight"].Values[3 * 144] * model.Weights["conv.weight"].Values[3 * 144] <= 0);
        Assert.All(packed.Weights["conv.weight"].Values.Skip(5 * 144).Take(144), weight => Assert.Equal(0, weight));
    }

    [Fact]
    public void Bytes_of_few_values_are_found_and_of_many_are_not()
    {
        var graph = QuantizedGraph.Of(Network().Graph, 1);
        var model = RandomWeights.For(graph, 2);
        Assert.Same(model, s_find.Run(model));
        Assert.Equal(4, s_find.Run(FewBitWeights.Of(model, 4)).Graph.Parameter("conv.weight").Bits);
        Assert.Null(s_find.Run(FewBitWeights.Of(model, 7)).Graph.Parameter("conv.weight").Bits);
    }

    private static Model Network()
    {
        var builder = new GraphBuilder("net");
        var value = builder.Conv2d(
            "conv",
            builder.Input("x", new TensorShape(1, 16, 5, 5)),
            32,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: new BlockPattern(
                16,
                16,
                [
                    [0, 3, 7, 9],
                    [1, 2],
                ]
            )
        );
        value = builder.Node("flat", new Flatten(), builder.Node("mean", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("head", value, 40));
        return RandomWeights.For(builder.Build(), 1);
    }
}

using Subp.Compiler.Packing;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Packing;

public sealed class LowerLocalResponseNormTests
{
    [Theory]
    [InlineData(1, new[] { 2, 5, 3, 4 })]
    [InlineData(3, new[] { 1, 7, 2 })]
    [InlineData(4, new[] { 2, 6 })]
    [InlineData(5, new[] { 1, 16, 5, 5 })]
    [InlineData(9, new[] { 1, 4, 2, 3, 2 })]
    public void It_becomes_operators_with_kernels_that_compute_the_same(int size, int[] dimensions)
    {
        var after = Agreement.After(new LowerLocalResponseNorm(), Network(size, dimensions));
        Assert.DoesNotContain(after.Graph.Nodes, node => node.Operator is LocalResponseNorm);
        Assert.Equal("norm", after.Graph.Outputs[0]);
    }

    [Fact]
    public void Names_that_are_taken_are_left_alone()
    {
        var builder = new GraphBuilder("net");
        var value = builder.Node("norm.square", Activate.Relu, builder.Input("norm.mean", new TensorShape(1, 4, 2, 2)));
        builder.Output(builder.Node("norm", new LocalResponseNorm { Size = 3 }, value));
        _ = Agreement.After(new LowerLocalResponseNorm(), RandomWeights.For(builder.Build(), seed: 1));
    }

    [Fact]
    public void Networks_without_it_stay_as_they_are()
    {
        var model = RandomGraph.Create(3);
        Assert.Same(model, new LowerLocalResponseNorm().Run(model));
    }

    private static Model Network(int size, int[] dimensions)
    {
        var builder = new GraphBuilder("net");
        var norm = new LocalResponseNorm
        {
            Size = size,
            Alpha = 0.5f,
            Beta = 0.6f,
            Bias = 1.5f,
        };
        builder.Output(builder.Node("norm", norm, builder.Input("x", new TensorShape(dimensions))));
        return RandomWeights.For(builder.Build(), seed: 1);
    }
}

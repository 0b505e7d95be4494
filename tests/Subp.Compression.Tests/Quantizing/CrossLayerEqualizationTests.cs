using Subp.Compression.Quantizing;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Quantizing;

public class CrossLayerEqualizationTests
{
    [Fact]
    public void Channels_are_scaled_until_makers_and_readers_reach_equally_far()
    {
        var builder = new GraphBuilder("pair");
        var hidden = builder.Node("relu", Activate.Relu, builder.Linear("first", builder.Input("x", new TensorShape(1, 2)), 2));
        builder.Output(builder.Linear("second", hidden, 2));
        var weights = new WeightSet
        {
            ["first.weight"] = new WeightTensor(new TensorShape(2, 2), [2, -4, 0.5f, 0.25f]),
            ["first.bias"] = new WeightTensor(new TensorShape(2), [1, 1]),
            ["second.weight"] = new WeightTensor(new TensorShape(2, 2), [0.5f, 3, -1, 1]),
            ["second.bias"] = new WeightTensor(new TensorShape(2), [0, 0]),
        };
        var result = CrossLayerEqualization.Apply(new Model(builder.Build(), weights));
        NumberAssert.Near([1, -2, 1.224745, 0.612372], [.. result.Weights["first.weight"].Values.Select(value => (double)value)], 1e-5);
        NumberAssert.Near([0.5, 2.449490], [.. result.Weights["first.bias"].Values.Select(value => (double)value)], 1e-5);
        NumberAssert.Near([1, 1.224745, -2, 0.408248], [.. result.Weights["second.weight"].Values.Select(value => (double)value)], 1e-5);
        Assert.Equal(4, weights["first.weight"].Values.Max(Math.Abs));
    }

    [Fact]
    public void An_equalised_network_computes_the_same()
    {
        var model = Networks.Residual(3);
        var result = CrossLayerEqualization.Apply(model);
        Assert.NotEqual(model.Weights["conv2.weight"].Values, result.Weights["conv2.weight"].Values);
        var input = RandomWeights.Input(model.Graph.Inputs[0].Shape, 5);
        NumberAssert.Near(
            [.. Run(model, input).Select(value => (double)value)],
            [.. Run(result, input).Select(value => (double)value)],
            1e-4
        );
    }

    private static float[] Run(Model model, float[] input)
    {
        var output = new float[5];
        new ReferenceInterpreter(model).Run(input, output);
        return output;
    }
}

using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Core.Tests.Interpretation;

/// <summary>
/// Infinities and NaN as the operators of ONNX are defined (their reference implementation is NumPy, whose maximum, minimum and clip pass a
/// NaN on).
/// </summary>
public class SpecialValueTests
{
    private const double Infinity = double.PositiveInfinity;

    public static TheoryData<string, double[]> Activations =>
        new()
        {
            // Of NaN, infinity, minus infinity and the largest float.
            { "relu", [double.NaN, Infinity, 0, float.MaxValue] },
            { "relu6", [double.NaN, 6, 0, 6] },
            { "clip", [double.NaN, 2, -1, 2] },
            { "sigmoid", [double.NaN, 1, 0, 1] },
            { "hard_sigmoid", [double.NaN, 1, 0, 1] },
            { "hard_swish", [double.NaN, Infinity, double.NaN, float.MaxValue] },
            { "silu", [double.NaN, Infinity, double.NaN, float.MaxValue] },
        };

    [Theory]
    [MemberData(nameof(Activations))]
    public void An_activation_keeps_NaN_and_takes_the_limits_at_infinity(string word, double[] expected)
    {
        var activation = word switch
        {
            "relu" => Activation.Relu,
            "relu6" => Activation.Relu6,
            "clip" => new Activation(-1, 2),
            "sigmoid" => Activation.Sigmoid,
            "hard_sigmoid" => Activation.HardSigmoid(),
            "hard_swish" => Activation.HardSwish,
            _ => Activation.Silu,
        };
        float[] input = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue];
        var found = Run(new Activate(activation), new TensorShape(1, 4), input);
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal((float)pair.First, (float)pair.Second));
    }

    [Fact]
    public void A_maximum_pool_is_NaN_where_its_window_holds_one_and_may_be_infinite() =>
        Assert.Equal(
            [double.NaN, double.NaN, Infinity, double.NegativeInfinity],
            Run(
                new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(1, 1) with { Kernel = new(1, 2), Stride = new(1, 2) } },
                new TensorShape(1, 1, 1, 8),
                [float.NaN, 1, float.PositiveInfinity, float.NaN, 3, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity]
            )
        );

    [Fact]
    public void Means_of_infinities_are_infinite_or_NaN()
    {
        float[] image = [float.PositiveInfinity, 1, float.PositiveInfinity, float.NegativeInfinity];
        Assert.Equal([Infinity, double.NaN], Run(new GlobalAveragePool(), new TensorShape(1, 2, 1, 2), image));
        var window = Window.Square(1, 1) with { Kernel = new(1, 2) };
        Assert.Equal(
            [Infinity, Infinity, double.NaN],
            Run(new Pool2d { Kind = PoolKind.Average, Window = window }, new TensorShape(1, 1, 1, 4), image)
        );
    }

    [Fact]
    public void A_softmax_with_NaN_or_infinity_is_NaN_and_minus_infinity_gets_nothing()
    {
        float[] rows = [float.NaN, 1, float.PositiveInfinity, 1, float.NegativeInfinity, 1];
        Assert.Equal([double.NaN, double.NaN, double.NaN, double.NaN, 0, 1], Run(new Softmax(), new TensorShape(3, 2), rows));
    }

    [Theory]
    [InlineData(false, double.NaN)]
    [InlineData(true, 7)]
    public void A_zero_weight_makes_NaN_of_infinity_but_a_pruned_weight_is_not_there(bool isPruned, double expected)
    {
        var pattern = isPruned
            ? new BlockPattern(
                1,
                2,
                [
                    [1],
                    [0, 1],
                ]
            )
            : null;
        float[] values = [0, 7, 1, 1];
        float[] input = [float.PositiveInfinity, 1];

        var builder = new GraphBuilder("conv");
        var image = builder.Input("image", new TensorShape(1, 2, 1, 1));
        builder.Output(builder.Conv2d("conv", image, 2, Window.Square(1), pattern: pattern));
        Assert.Equal([expected, Infinity], Run(builder.Build(), "conv.weight", new(2, 2, 1, 1), values, input));

        builder = new GraphBuilder("linear");
        var features = builder.Input("features", new TensorShape(1, 2));
        builder.Output(builder.Linear("linear", features, 2, pattern));
        Assert.Equal([expected, Infinity], Run(builder.Build(), "linear.weight", new(2, 2), values, input));
    }

    private static double[] Run(Operator @operator, TensorShape shape, float[] input)
    {
        var builder = new GraphBuilder("one");
        builder.Output(builder.Node("node", @operator, builder.Input("x", shape)));
        return Run(new Model(builder.Build(), new WeightSet()), input);
    }

    private static double[] Run(Graph graph, string name, TensorShape shape, float[] values, float[] input)
    {
        var weights = new WeightSet { [name] = new WeightTensor(shape, values) };
        foreach (var parameter in graph.Parameters.Where(parameter => parameter.Name != name))
            weights[parameter.Name] = new WeightTensor(parameter.Shape, new float[parameter.Shape.ElementCount]);
        return Run(new Model(graph, weights), input);
    }

    private static double[] Run(Model model, float[] input) =>
        new ReferenceInterpreter(model).RunAll(new Dictionary<string, float[]> { [model.Graph.Inputs[0].Name] = input })[
            model.Graph.Outputs[0]
        ];
}

using Subp.Compiler.Packing;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Packing;

public sealed class FoldBatchNormAheadTests
{
    private static readonly FoldBatchNormAhead s_pass = new();

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(3, 1, false)]
    [InlineData(2, 2, false)]
    [InlineData(1, 4, true)]
    public void A_normalisation_disappears_into_a_convolution_without_padding(int kernel, int groups, bool bias)
    {
        var folded = Agreement.After(
            s_pass,
            Network(builder =>
                builder.Conv2d("conv", builder.BatchNorm("norm", Activated(builder)), 8, Window.Square(kernel), groups, bias)
            )
        );
        Assert.Equal(["act", "conv"], folded.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(["conv.weight", "conv.bias"], folded.Graph.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void Pruned_blocks_stay_zero()
    {
        var pattern = new BlockPattern(
            4,
            4,
            [
                [0, 2],
                [1, 3],
            ]
        );
        var folded = Agreement.After(
            s_pass,
            Network(builder => builder.Conv2d("conv", builder.BatchNorm("norm", Activated(builder)), 8, Window.Square(1), pattern: pattern))
        );
        // Agreement wrote a bundle, so pruned blocks are still zero.
        Assert.NotNull(folded.Graph.Parameter("conv.weight").Pattern);
    }

    [Fact]
    public void Every_reader_takes_it()
    {
        var folded = Agreement.After(
            s_pass,
            Network(builder =>
            {
                var norm = builder.BatchNorm("norm", Activated(builder));
                var (left, right) = (builder.Conv2d("left", norm, 8, Window.Square(1)), builder.Conv2d("right", norm, 8, Window.Square(1)));
                return builder.Node("sum", new Add(), left, right);
            })
        );
        Assert.Equal(["act", "left", "right", "sum"], folded.Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void A_linear_layer_over_vectors_takes_it()
    {
        var folded = Agreement.After(
            s_pass,
            Network(builder =>
                builder.Linear("linear", builder.BatchNorm("norm", builder.Node("flat", new Flatten(), Activated(builder))), 5)
            )
        );
        Assert.Equal(["act", "flat", "linear"], folded.Graph.Nodes.Select(node => node.Name));
    }

    [Theory]
    [InlineData(0.25f, true)]
    [InlineData(null, false)]
    public void Weights_of_few_bits_take_one_factor_for_all_channels(float? scale, bool folds)
    {
        var model = Network(builder => builder.Conv2d("conv", builder.BatchNorm("norm", Activated(builder)), 8, Window.Square(1)));
        var weight = model.Weights["conv.weight"];
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
            weights[name] =
                scale is { } all && name is "norm.scale" or "norm.variance"
                    ? Filled(model.Weights[name], name == "norm.scale" ? scale!.Value : 1)
                    : model.Weights[name];
        weights["conv.weight"] = new WeightTensor(
            weight.Shape,
            [.. Enumerable.Range(0, weight.Values.Length).Select(index => ((index * 7 % 5) - 2) * 0.375f)]
        );
        var before = new Model(model.Graph, weights);
        if (!folds)
        {
            Assert.Same(before, s_pass.Run(before));
            return;
        }

        var after = Agreement.After(s_pass, before);
        var parameter = after.Graph.Parameter("conv.weight");
        Assert.NotNull(GridValues.Find(parameter, after.Weights["conv.weight"]));
    }

    [Fact]
    public void A_normalisation_stays_before_padding() =>
        AssertStays(builder => builder.Conv2d("conv", builder.BatchNorm("norm", Activated(builder)), 8, Window.Square(3, padding: 1)));

    [Fact]
    public void A_normalisation_stays_where_one_reader_does_not_take_it() =>
        AssertStays(builder =>
        {
            var norm = builder.BatchNorm("norm", Activated(builder));
            return builder.Node("sum", new Add(), norm, builder.Conv2d("conv", norm, 4, Window.Square(1)));
        });

    [Fact]
    public void A_normalisation_stays_where_it_is_an_output() =>
        AssertStays(builder =>
        {
            var norm = builder.BatchNorm("norm", Activated(builder));
            builder.Output(norm);
            return builder.Conv2d("conv", norm, 4, Window.Square(1));
        });

    [Fact]
    public void A_normalisation_with_an_activation_stays() =>
        AssertStays(builder =>
            builder.Conv2d("conv", builder.Node("act", Activate.Relu, builder.BatchNorm("norm", "image")), 4, Window.Square(1))
        );

    [Fact]
    public void A_normalisation_stays_before_a_weight_that_two_layers_share() =>
        AssertStays(builder =>
        {
            builder.Parameter("weight", new TensorShape(4, 4, 1, 1));
            var shared = new Conv2d { Weight = "weight", Window = Window.Square(1) };
            return builder.Node(
                "sum",
                new Add(),
                builder.Node("plain", shared, "image"),
                builder.Node("conv", shared, builder.BatchNorm("norm", Activated(builder)))
            );
        });

    private static string Activated(GraphBuilder builder) => builder.Node("act", Activate.HardSwish, "image");

    private static WeightTensor Filled(WeightTensor tensor, float value) =>
        new(tensor.Shape, [.. Enumerable.Repeat(value, tensor.Values.Length)]);

    private static void AssertStays(Func<GraphBuilder, string> layers)
    {
        var model = Network(layers);
        Assert.Same(model, s_pass.Run(model));
    }

    private static Model Network(Func<GraphBuilder, string> layers)
    {
        var builder = new GraphBuilder("net");
        builder.Input("image", new TensorShape(2, 4, 5, 6));
        builder.Output(layers(builder));
        return RandomWeights.For(builder.Build(), seed: 1);
    }
}

using Subp.Compiler.Packing;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Packing;

public sealed class FoldBatchNormTests
{
    private static readonly FoldBatchNorm s_pass = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_normalisation_disappears_into_the_convolution_before_it(bool bias)
    {
        var folded = Agreement.After(
            s_pass,
            Network(builder =>
            {
                var pattern = new BlockPattern(
                    4,
                    3,
                    [
                        [0, 2],
                        [1, 2],
                    ]
                );
                var conv = builder.Conv2d("conv", "image", 8, Window.Square(3, padding: 1), bias: bias, pattern: pattern);
                return builder.Node("act", Activate.Relu, builder.BatchNorm("norm", conv));
            })
        );
        Assert.Equal(["conv", "act"], folded.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(["conv.weight", "conv.bias"], folded.Graph.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(["conv.bias", "conv.weight"], folded.Weights.Names.Order());
        // Agreement wrote a bundle, so pruned blocks are still zero.
        Assert.NotNull(folded.Graph.Parameter("conv.weight").Pattern);
    }

    [Fact]
    public void Linear_layers_fold_too_and_an_output_keeps_its_name()
    {
        var folded = Agreement.After(
            s_pass,
            Network(builder => builder.BatchNorm("norm", builder.Linear("linear", builder.Node("flat", new Flatten(), "image"), 5)))
        );
        Assert.Equal(["flat", "norm"], folded.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(["norm"], folded.Graph.Outputs);
    }

    [Fact]
    public void Two_normalisations_fold_one_after_the_other()
    {
        var folded = Agreement.After(
            s_pass,
            Network(builder =>
                builder.BatchNorm("second", builder.BatchNorm("first", builder.Conv2d("conv", "image", 8, Window.Square(1))))
            )
        );
        Assert.Equal(["second"], folded.Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void A_normalisation_disappears_into_another_one_that_stays()
    {
        var folded = Agreement.After(
            s_pass,
            Network(builder =>
                builder.Node(
                    "act",
                    Activate.Relu,
                    builder.BatchNorm("second", builder.BatchNorm("first", builder.Node("relu", Activate.Relu, "image")))
                )
            )
        );
        Assert.Equal(["relu", "first", "act"], folded.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(4, folded.Graph.Parameters.Count);
    }

    [Fact]
    public void A_normalisation_stays_behind_a_second_reader() =>
        AssertStays(builder =>
        {
            var conv = builder.Conv2d("conv", "image", 3, Window.Square(1));
            return builder.Node("sum", new Add(), conv, builder.BatchNorm("norm", conv));
        });

    [Fact]
    public void A_normalisation_stays_behind_an_activation() =>
        AssertStays(builder =>
            builder.BatchNorm("norm", builder.Conv2d("conv", "image", 3, Window.Square(1), activation: Activation.Relu))
        );

    [Fact]
    public void A_normalisation_stays_behind_a_linear_layer_of_features_that_are_no_channels() =>
        AssertStays(builder =>
        {
            // Three features for three channels: folding would give numbers, and wrong ones.
            var weight = builder.Parameter("weight", new TensorShape(3, 5));
            return builder.BatchNorm("norm", builder.Node("linear", new Linear { Weight = weight }, "image"));
        });

    [Fact]
    public void A_normalisation_stays_behind_an_output() =>
        AssertStays(builder =>
        {
            var conv = builder.Conv2d("conv", "image", 3, Window.Square(1));
            builder.Output(conv);
            return builder.BatchNorm("norm", conv);
        });

    [Fact]
    public void A_normalisation_stays_behind_a_pool_and_at_the_input() =>
        AssertStays(builder =>
            builder.BatchNorm("second", builder.Node("pool", new GlobalAveragePool(), builder.BatchNorm("first", "image")))
        );

    [Fact]
    public void A_normalisation_stays_behind_a_convolution_with_a_residual() =>
        AssertStays(builder =>
        {
            builder.Parameter("weight", new TensorShape(3, 3, 1, 1));
            var conv = builder.Node("conv", new Conv2d { Weight = "weight", Window = Window.Square(1) }, "image", "image");
            return builder.BatchNorm("norm", conv);
        });

    [Fact]
    public void A_normalisation_stays_behind_a_layer_of_bytes() =>
        AssertStays(builder =>
        {
            builder.Parameter("weight", new TensorShape(3, 3, 1, 1), ElementType.Int8);
            builder.Parameter("scale", new TensorShape(3));
            var layer = new Conv2d
            {
                Weight = "weight",
                WeightScale = "scale",
                Window = Window.Square(1),
            };
            var bytes = builder.Node("bytes", new Quantize(), new Quantization(0.1f, 12), "image");
            return builder.BatchNorm("norm", builder.Node("conv", layer, [bytes], Layout.Nchw, TensorType.Float32));
        });

    [Fact]
    public void A_normalisation_stays_behind_a_weight_that_two_layers_share() =>
        AssertStays(builder =>
        {
            builder.Parameter("weight", new TensorShape(3, 3, 1, 1));
            var shared = new Conv2d { Weight = "weight", Window = Window.Square(1) };
            return builder.Node(
                "sum",
                new Add(),
                builder.Node("plain", shared, "image"),
                builder.BatchNorm("norm", builder.Node("conv", shared, "image"))
            );
        });

    private static void AssertStays(Func<GraphBuilder, string> layers)
    {
        var model = Network(layers);
        Assert.Same(model, s_pass.Run(model));
    }

    private static Model Network(Func<GraphBuilder, string> layers)
    {
        var builder = new GraphBuilder("net");
        builder.Input("image", new TensorShape(2, 3, 4, 5));
        builder.Output(layers(builder));
        return RandomWeights.For(builder.Build(), seed: 1);
    }
}

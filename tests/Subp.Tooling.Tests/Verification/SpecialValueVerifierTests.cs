using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Tooling.Verification.SpecialValues;

namespace Subp.Tooling.Tests.Verification;

public sealed class SpecialValueVerifierTests
{
    [Fact]
    public void Every_layer_of_a_network_treats_special_values_as_the_reference_does()
    {
        var verdicts = Verify(TinyClassifier.Build(), new CompileOptions());
        Assert.Equal(
            ["conv", "pool", "features", "classifier"],
            verdicts.Select(verdict => verdict.Layer).Distinct().Except(["image.blocked16", "classifier.nchw"])
        );
        Assert.Empty(SpecialVerdict.Failures(verdicts));
        Assert.All(verdicts, verdict => Assert.True(verdict.Comparison is { Wrong: 0, NaN: > 0, Numbers: > 0 }, $"{verdict}"));
        var convolution = verdicts.First(verdict => verdict.Layer == "conv").Comparison;
        Assert.True(convolution is { Infinite: > 0, Overflow: > 0 }, $"{convolution}");
    }

    [Fact]
    public void Only_Winograd_layers_and_shared_blocks_of_channels_may_spread()
    {
        var builder = new GraphBuilder("spreads");
        // Each layer reads the image: behind one that spreads all channels of a pixel may be NaN, and nothing is left to spread.
        var image = builder.Input("image", new TensorShape(1, 32, 24, 24));
        builder.Output(builder.Conv2d("wino", image, 32, Window.Square(3, padding: 1)));
        builder.Output(builder.Conv2d("strided", image, 32, Window.Square(3, 2, 1)));
        builder.Output(builder.Conv2d("whole", image, 32, Window.Square(1), groups: 2));
        builder.Output(builder.Conv2d("shared", image, 32, Window.Square(1), groups: 8));
        var graph = builder.Build();
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
            weights[parameter.Name] = new WeightTensor(
                parameter.Shape,
                [.. Enumerable.Range(1, parameter.Shape.ElementCount).Select(index => (float)Math.Sin(index))]
            );
        var model = new Model(graph, weights);
        var verdicts = Verify(model, new CompileOptions());
        Assert.Empty(SpecialVerdict.Failures(verdicts));
        Assert.Equal(
            ["wino", "shared"],
            verdicts.Where(verdict => verdict.Comparison.Spread > 0).Select(verdict => verdict.Layer).Distinct()
        );
    }

    [Fact]
    public void A_NaN_that_became_a_number_is_found_and_named()
    {
        var limits = LayerLimits.Of(
            null,
            Node(),
            new Dictionary<string, float[]> { ["x"] = [float.NaN, 1, float.PositiveInfinity] },
            _ => []
        );
        var comparison = SpecialComparison.Between(
            [0, 1, float.NegativeInfinity],
            [float.NaN, 1, float.PositiveInfinity],
            limits,
            tolerance: 1e-4
        );
        Assert.Equal((1L, 2L, 0, 0f), (comparison.Numbers, comparison.Wrong, comparison.First, comparison.Found));
        var verdict = new SpecialVerdict(InstructionSet.Avx2, 1, 0, "relu", "activate", comparison);
        var failure = Assert.Single(SpecialVerdict.Failures([verdict]));
        Assert.Equal("SUBP0740", failure.Descriptor.Id);
        Assert.Equal("layer 'relu', avx2, threads: 1", failure.Location);
        Assert.Equal("NaN", failure.Expected);
    }

    private static GraphNode Node()
    {
        var builder = new GraphBuilder("one");
        builder.Output(builder.Node("relu", Activate.Relu, builder.Input("x", new TensorShape(1, 3))));
        return builder.Build().Nodes[0];
    }

    private static IReadOnlyList<SpecialVerdict> Verify(Model model, CompileOptions options) =>
        SpecialValueVerifier.Verify(
            model,
            options with
            {
                InstructionSets = [InstructionSet.Avx2, InstructionSet.Portable],
            },
            [1, 2],
            tolerance: 1e-4,
            static (_, _) => { },
            CancellationToken.None
        );
}

using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Training.Data;
using Subp.Training.Models;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Models;

public class FashionResNet8Tests
{
    [Fact]
    public void The_network_is_valid_and_carries_classes_and_normalisation()
    {
        var graph = FashionResNet8.Build(FashionMnist.Metadata);
        GraphVerifier.Verify(graph);

        Assert.Equal(FashionMnist.ClassNames, graph.Metadata.ClassNames);
        Assert.Equal(FashionMnist.Normalization.Mean, graph.Metadata.NormalizationMean);
        Assert.Equal(9, graph.Nodes.Count(node => node.Operator is Conv2d));
        Assert.Equal("[1,128,4,4]", graph.ShapeOf("stage3.relu").ToString());
    }

    [Fact]
    public void Multiply_adds_follow_the_counting_rule_dense_and_pruned()
    {
        var graph = FashionResNet8.Build(FashionMnist.Metadata);
        long stem = 14 * 14 * 32 * 9;
        long masked = 9L * ((2 * 196 * 32 * 32) + (49 * 64 * 32) + (49 * 64 * 64) + (16 * 128 * 64) + (16 * 128 * 128));
        long rest = (49 * 64 * 32) + (16 * 128 * 64) + 1280;
        Assert.Equal(stem + masked + rest, LayerCost.Total(graph).DenseMacs);

        var layers = LayerSelection.Select(graph, 16, 16, [], []).ToDictionary(layer => layer.Parameter);
        var pruned = graph.With(
            parameters:
            [
                .. graph.Parameters.Select(parameter =>
                    layers.TryGetValue(parameter.Name, out var layer) ? parameter with { Pattern = Quarter(layer.Grid) } : parameter
                ),
            ]
        );
        Assert.Equal(stem + (masked / 4) + rest, LayerCost.Total(pruned).KeptMacs);
    }

    [Fact]
    public void Initial_weights_have_the_fan_out_deviation_and_follow_the_seed()
    {
        var graph = FashionResNet8.Build(FashionMnist.Metadata);
        float[] weights = WeightInitializer.Initialize(graph, 1)["stage3.conv2.weight"].Values;
        double deviation = Math.Sqrt(weights.Average(weight => (double)weight * weight));

        Assert.Equal(Math.Sqrt(2.0 / (9 * 128)), deviation, 1e-3);
        Assert.Equal(weights, WeightInitializer.Initialize(graph, 1)["stage3.conv2.weight"].Values);
        Assert.NotEqual(weights, WeightInitializer.Initialize(graph, 2)["stage3.conv2.weight"].Values);
    }

    private static BlockPattern Quarter(BlockGrid grid)
    {
        int[] kept = [.. Enumerable.Range(0, grid.InputChannels / 4)];
        return new BlockPattern(grid.BlockLength, grid.InputChannels, [.. Enumerable.Repeat(kept, grid.Groups)]);
    }
}

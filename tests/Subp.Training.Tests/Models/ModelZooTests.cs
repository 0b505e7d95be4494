using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Operators;
using Subp.Training.Models;

namespace Subp.Training.Tests.Models;

/// <summary>Parameters and multiply-accumulates of the published networks.</summary>
public class ModelZooTests
{
    [Theory]
    [InlineData("resnet18", 224, 1000, 11_689_512, 1_814_073_344)]
    [InlineData("resnet34", 224, 1000, 21_797_672, 3_663_761_408)]
    [InlineData("resnet50", 224, 1000, 25_557_032, 4_089_184_256)]
    [InlineData("mobilenet-v1", 224, 1000, 4_231_976, 568_740_352)]
    [InlineData("mobilenet-v2", 224, 1000, 3_504_872, 300_774_272)]
    [InlineData("vgg16-bn", 224, 1000, 138_365_992, 15_470_264_320)]
    [InlineData("cifar-resnet20", 32, 10, 269_722, 40_551_040)]
    [InlineData("cifar-resnet56", 32, 10, 853_018, 125_485_696)]
    [InlineData("cifar-vgg16", 32, 10, 14_728_266, 313_201_664)]
    [InlineData("cifar-vgg16", 28, 10, 14_728_266, 206_028_800)]
    public void A_network_has_its_published_parameters_and_multiply_accumulates(
        string name,
        int pixels,
        int classes,
        long parameters,
        long macs
    )
    {
        var graph = ModelZoo.Build(name, new TensorShape(1, 3, pixels, pixels), classes);
        GraphVerifier.Verify(graph);
        var statistics = graph
            .Nodes.Select(node => node.Operator)
            .OfType<BatchNorm>()
            .SelectMany(norm => new[] { norm.Mean, norm.Variance })
            .ToHashSet();
        Assert.Equal(
            parameters,
            graph.Parameters.Where(parameter => !statistics.Contains(parameter.Name)).Sum(parameter => (long)parameter.Shape.ElementCount)
        );
        Assert.Equal(macs, LayerCost.Total(graph).DenseMacs);
        Assert.Equal(name, graph.Name);
    }

    // The rule of the SUBP authors: one per multiply-accumulate and one per output of a convolution or linear layer; pruned layers times 1
    // - p.
    [Theory]
    [InlineData("resnet18", 60 / 128.0, 1.8166e9, 1.0301e9)]
    [InlineData("resnet34", 59 / 128.0, 3.6675e9, 2.0410e9)]
    [InlineData("resnet50", 66 / 128.0, 4.1003e9, 2.0484e9)]
    [InlineData("resnet50", 98.5 / 128, 4.1003e9, 1.0380e9)]
    [InlineData("mobilenet-v1", 69 / 128.0, 573.8e6, 281.5e6)]
    public void The_operations_of_the_SUBP_paper_are_met_to_four_digits(string name, double rate, double dense, double pruned)
    {
        var graph = ModelZoo.Build(name, new TensorShape(1, 3, 224, 224), 1000);
        Assert.Equal(1, Operations(graph, 0) / dense, 5e-4 / 2);
        Assert.Equal(1, Operations(graph, rate) / pruned, 5e-4 / 2);
    }

    private static double Operations(Graph graph, double rate) =>
        graph.Nodes.Sum(node =>
            node.Operator switch
            {
                Conv2d convolution => (LayerCost.Of(graph, node).DenseMacs + (double)node.Shape.ElementCount)
                    * (IsPruned(graph, node, convolution) ? 1 - rate : 1),
                Linear => LayerCost.Of(graph, node).DenseMacs + node.Shape.ElementCount,
                _ => 0.0,
            }
        );

    // The stem and depthwise layers stay dense, and so do the shortcuts of the networks of basic blocks.
    private static bool IsPruned(Graph graph, GraphNode node, Conv2d convolution) =>
        node.Name != "stem"
        && convolution.Groups == 1
        && !(graph.Name is "resnet18" or "resnet34" && node.Name.EndsWith("shortcut", StringComparison.Ordinal));
}

using Subp.Compression.Channels;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Operators;
using Subp.Training.Models;

namespace Subp.Compression.Tests.Channels;

/// <summary>Parameters and multiply-adds of shrunk networks, against counts that others publish.</summary>
public sealed class PublishedCountsTests
{
    [Theory]
    [InlineData(1.0, 1, 14.724, 313.2)]
    [InlineData(0.9, 1, 11.885, 252.3)]
    [InlineData(0.9, 16, 11.259, 230.0)]
    [InlineData(0.75, 1, 8.285, 176.5)]
    [InlineData(0.75, 16, 8.285, 176.5)]
    [InlineData(0.75, 128, 7.640, 145.8)]
    [InlineData(0.5, 1, 3.685, 78.7)]
    [InlineData(0.25, 1, 0.923, 19.9)]
    public void Vgg16_of_cifar_has_the_counts_of_its_kept_share(double kept, int multiple, double millions, double megaMacs)
    {
        var graph = Vgg16();
        var shrunk = kept == 1 ? graph : Shrunk(graph, 1 - kept, multiple);
        Assert.Equal(millions, Trained(shrunk) / 1e6, 3);
        Assert.Equal(megaMacs, LayerCost.Total(shrunk).DenseMacs / 1e6, 1);
    }

    [Fact]
    public void ResNet18_of_half_the_channels_has_the_parameters_that_torch_pruning_publishes()
    {
        var graph = ModelZoo.Build("resnet18", new TensorShape(1, 3, 224, 224), 1000);
        Assert.Equal(11_689_512, Trained(graph));
        var half = Shrunk(graph, 0.5, 1);
        Assert.Equal(3_055_880, Trained(half));
        Assert.Equal((1.822, 0.487), (Math.Round(Operations(graph) / 1e9, 3), Math.Round(Operations(half) / 1e9, 3)));
    }

    private static Graph Shrunk(Graph graph, double ratio, int multiple) =>
        ChannelCompression
            .Structure(
                graph,
                new ChannelOptions
                {
                    Ratio = ratio,
                    Multiple = multiple,
                    Shared = true,
                }
            )
            .Graph;

    // As Torch-Pruning counts: beside the multiply-adds two for a normalised element, one for an activated or pooled one.
    private static double Operations(Graph graph) =>
        LayerCost.Total(graph).DenseMacs
        + graph.Nodes.Sum(node =>
            node.Operator switch
            {
                BatchNorm => 2.0 * node.Shape.ElementCount,
                Activate or Pool2d => node.Shape.ElementCount,
                GlobalAveragePool => graph.ShapeOf(node.Inputs[0]).ElementCount,
                _ => 0,
            }
        );

    // Running statistics are stored, but not trained.
    private static long Trained(Graph graph)
    {
        var statistics = graph
            .Nodes.Select(node => node.Operator)
            .OfType<BatchNorm>()
            .SelectMany(norm => new[] { norm.Mean, norm.Variance });
        return graph.Parameters.ExceptBy(statistics, parameter => parameter.Name).Sum(parameter => (long)parameter.Shape.ElementCount);
    }

    // The form for images of 32 x 32: thirteen convolutions, and one linear layer behind the last pool.
    private static Graph Vgg16()
    {
        var builder = new GraphBuilder("vgg16");
        var value = builder.Input("image", new TensorShape(1, 3, 32, 32));
        int[] widths = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0];
        for (var index = 0; index < widths.Length; index++)
            value =
                widths[index] == 0
                    ? builder.Node($"pool{index}", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, value)
                    : Networks.Unit(builder, $"conv{index}", value, widths[index], relu: true);
        builder.Output(builder.Linear("classifier", builder.Node("flat", new Flatten(), value), 10));
        return builder.Build();
    }
}

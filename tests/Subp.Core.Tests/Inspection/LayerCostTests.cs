using Subp.Core.Inspection;
using Subp.Core.Tests.Text;
using Xunit;

namespace Subp.Core.Tests.Inspection;

public class LayerCostTests
{
    [Fact]
    public void A_sparse_convolution_counts_kept_blocks_per_output_pixel()
    {
        var graph = SampleGraphs.OneSparseConvolution();
        var cost = LayerCost.Of(graph, graph.Nodes[0]);
        Assert.Equal(new LayerCost(32 * 4 * 9 * 25, 4 * 16 * 9 * 25, 32 * 4 * 9, 4 * 16 * 9), cost);
        Assert.Equal(0.5, cost.Sparsity);
    }

    [Fact]
    public void The_total_is_the_sum_over_dense_sparse_grouped_linear_and_transposed_layers()
    {
        var graph = SampleGraphs.Everything();
        var sum = graph.Nodes.Select(node => LayerCost.Of(graph, node)).Aggregate((left, right) => left + right);
        Assert.Equal(sum, LayerCost.Total(graph));
        // Two recurrences of each kind, which have eight gates together.
        const int Recurrent = 2 * 8 * 15 * 15;
        Assert.Equal((8 * 3 * 6) + (8 * 8 * 9) + (8 * 4) + (4 * 8) + (4 * 3 * 4) + Recurrent, sum.DenseWeights);
        Assert.Equal((8 * 3 * 6) + (6 * 4 * 9) + (4 * 2) + (2 * 4) + (4 * 3 * 4) + Recurrent, sum.KeptWeights);
        Assert.Equal(default, LayerCost.Of(graph, graph.FindNode("relu")!));
    }
}

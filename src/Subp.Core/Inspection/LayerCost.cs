using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Inspection;

/// <summary>
/// What one node costs: multiply-accumulates and weights, dense and as kept by its pattern. Operators without weights cost nothing here.
/// </summary>
/// <param name="DenseMacs">Multiply-accumulates per run of the whole batch, were every block kept; taps in the padding count.</param>
/// <param name="KeptMacs">Multiply-accumulates of the kept blocks.</param>
/// <param name="DenseWeights">Weights of the dense tensor, bias not counted.</param>
/// <param name="KeptWeights">Weights of the kept blocks.</param>
public readonly record struct LayerCost(long DenseMacs, long KeptMacs, long DenseWeights, long KeptWeights)
{
    /// <summary>The share of weights that are pruned, 0 to 1; 0 for a node without weights.</summary>
    public double Sparsity => DenseWeights == 0 ? 0 : 1.0 - ((double)KeptWeights / DenseWeights);

    /// <summary>The cost of one node.</summary>
    public static LayerCost Of(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Conv2d convolution => Weighted(graph.Parameter(convolution.Weight), Positions(node.Shape)),
            PooledConv2d pooled => Weighted(graph.Parameter(pooled.Convolution.Weight), Positions(pooled.ShapeBeforePool(graph, node))),
            ConvTranspose2d convolution => Weighted(
                graph.Parameter(convolution.Weight),
                graph.ShapeOf(node.Inputs[0]).ElementCount / graph.ShapeOf(node.Inputs[0]).Channels
            ),
            Linear linear => Weighted(graph.Parameter(linear.Weight), node.Shape.ElementCount / graph.Parameter(linear.Weight).Shape[0]),
            Recurrence recurrence => Weighted(
                graph.Parameter(recurrence.Weight),
                (long)graph.ShapeOf(node.Inputs[0])[0] * graph.ShapeOf(node.Inputs[0])[1]
            ),
            _ => default,
        };

    /// <summary>The sum over all nodes.</summary>
    public static LayerCost Total(Graph graph) => graph.Nodes.Aggregate(default(LayerCost), (sum, node) => sum + Of(graph, node));

    /// <summary>The sum of two costs.</summary>
    public static LayerCost operator +(LayerCost left, LayerCost right) =>
        new(
            left.DenseMacs + right.DenseMacs,
            left.KeptMacs + right.KeptMacs,
            left.DenseWeights + right.DenseWeights,
            left.KeptWeights + right.KeptWeights
        );

    private static long Positions(TensorShape image) => (long)image.Batch * image.Height * image.Width;

    // Every weight is used once per position.
    private static LayerCost Weighted(Parameter weight, long positions)
    {
        long dense = weight.Shape.ElementCount;
        var kept = weight.Pattern is { } pattern ? dense / ((long)pattern.Groups * pattern.InputChannels) * pattern.KeptBlocks : dense;
        return new LayerCost(dense * positions, kept * positions, dense, kept);
    }
}

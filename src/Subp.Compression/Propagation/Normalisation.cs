using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Propagation;

/// <summary>
/// The batch normalisation that reads a layer and nothing else does: the layer's outputs have its mean and variance on the training data,
/// which is all the data that a finished network still has.
/// </summary>
/// <param name="Node">The node of the normalisation.</param>
/// <param name="Operator">Its operator.</param>
internal sealed record Normalisation(GraphNode Node, BatchNorm Operator)
{
    /// <summary>The normalisation of a layer, or null.</summary>
    public static Normalisation? Of(Graph graph, GraphNode layer) =>
        !graph.IsOutput(layer.Name)
        && LayerForm.Find(graph, layer) is { HasActivation: false }
        && layer.Inputs.Count == 1
        && graph.ConsumersOf(layer.Name) is [{ Operator: BatchNorm norm } node]
            ? new Normalisation(node, norm)
            : null;

    /// <summary>
    /// Whether mean and variance belong to this normalisation alone. Where a module is applied twice, what suits one place is wrong in the
    /// other, and neither may be changed.
    /// </summary>
    public static bool OwnsStatistics(Graph graph, BatchNorm norm) => Uses(graph, norm.Mean) == 1 && Uses(graph, norm.Variance) == 1;

    private static int Uses(Graph graph, string parameter) =>
        graph.Nodes.Sum(node => node.Operator.Parameters.Count(use => use.Name == parameter));

    /// <summary>The running variance plus epsilon, per channel.</summary>
    public double[] Variance(WeightSet weights) =>
        [.. weights[Operator.Variance].Values.Select(value => Math.Max((double)value + Operator.Epsilon, double.Epsilon))];

    /// <summary>Gamma divided by the deviation, per channel.</summary>
    public double[] Scale(WeightSet weights) =>
        [.. weights[Operator.Scale].Values.Zip(Variance(weights), (gamma, variance) => gamma / Math.Sqrt(variance))];
}

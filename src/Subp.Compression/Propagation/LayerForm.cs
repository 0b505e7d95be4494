using Subp.Compression.Statistics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Propagation;

/// <summary>A convolution or linear layer as what both are: filters over the channels and taps of one value.</summary>
/// <param name="Node">The layer.</param>
/// <param name="Weight">The name of its weight.</param>
/// <param name="Bias">The name of its bias, or null.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Groups">Channel groups.</param>
/// <param name="Kernel">Rows and columns of the kernel; of a linear layer over a flattened image those of the image.</param>
/// <param name="Dilation">The distance of two taps.</param>
/// <param name="HasActivation">Whether an activation is part of the layer.</param>
internal sealed record LayerForm(
    GraphNode Node,
    string Weight,
    string? Bias,
    int Outputs,
    int Groups,
    Extent Kernel,
    Extent Dilation,
    bool HasActivation
)
{
    /// <summary>The number of taps.</summary>
    public int Taps => Kernel.Height * Kernel.Width;

    /// <summary>The form of a layer, or null where a node is none.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">The node.</param>
    /// <param name="input">What is known of its input; a linear layer learns from it what it flattens.</param>
    public static LayerForm? Find(Graph graph, GraphNode node, ChannelMoments? input = null) =>
        node.Operator switch
        {
            Conv2d convolution => new(
                node,
                convolution.Weight,
                convolution.Bias,
                node.Shape.Channels,
                convolution.Groups,
                convolution.Window.Kernel,
                convolution.Window.Dilation,
                convolution.Activation != Activation.None
            ),
            Linear linear when graph.ShapeOf(node.Inputs[0]).IsVector => new(
                node,
                linear.Weight,
                linear.Bias,
                node.Shape.Channels,
                1,
                input is null ? Extent.One : new Extent(input.Plane.Height, input.Plane.Width),
                Extent.One,
                linear.Activation != Activation.None
            ),
            _ => null,
        };

    /// <summary>
    /// The form of a layer whose input is neither an image nor a vector, such as a sequence of vectors: only its weights are known, whose
    /// blocks can be dropped.
    /// </summary>
    public static LayerForm OfWeights(Graph graph, GraphNode node)
    {
        if (Find(graph, node) is { } form)
            return form;
        var linear = (Linear)node.Operator;
        var outputs = graph.Parameter(linear.Weight).Shape[0];
        return new(node, linear.Weight, linear.Bias, outputs, 1, Extent.One, Extent.One, linear.Activation != Activation.None);
    }

    /// <summary>Whether no other layer has the weights of this one: what suits one of several would damage the others.</summary>
    public static bool HasOwnWeights(Graph graph, GraphNode layer) =>
        graph.Nodes.Count(node => node.Operator.Parameters.Any(use => use.Name == layer.Operator.Parameters[0].Name)) == 1;

    /// <summary>The filters of the layer.</summary>
    public FilterBank Filters(WeightSet weights) => new(weights[Weight].Values, Outputs, Taps, Groups);
}

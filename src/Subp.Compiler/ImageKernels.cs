using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler;

/// <summary>
/// Which nodes the kernels for images and vectors compute, in the layouts of those: what <see cref="Planning.LayerPlanner"/> plans itself.
/// Everything else is dense and belongs to one of <see cref="KernelFamilies"/>.
/// </summary>
internal static class ImageKernels
{
    /// <summary>True where a node has such a kernel.</summary>
    public static bool Compute(Graph graph, GraphNode node)
    {
        TensorShape Input(int index) => graph.ShapeOf(node.Inputs[index]);
        if (KernelFamilies.TouchesBytes(graph, node))
            return false;
        if (!IsImageOrVector(node.Shape) || !node.Inputs.All(input => IsImageOrVector(graph.ShapeOf(input))))
            return false;
        return node.Operator switch
        {
            Linear => Input(0).IsVector,
            Add => Input(0).Equals(Input(1)),
            Mul => Input(0).Equals(Input(1)) || IsGate(Input(0), Input(1)),
            Concat concat => concat.Axis == 1,
            Slice slice => slice is { Axis: > 0, Step: > 0 },
            Pad pad => pad is { Mode: PadMode.Constant, Pads.Count: 4 } && Input(0).IsImage,
            Softmax softmax => softmax is { Axis: 1, IsLogarithm: false } && Input(0).IsVector,
            Activate or BatchNorm or ChangeLayout or ChannelShuffle or Conv2d or Flatten or GlobalAveragePool or Pool2d or Reshape => true,
            _ => false,
        };
    }

    /// <summary>True for images and vectors.</summary>
    public static bool IsImageOrVector(TensorShape shape) => shape.IsImage || shape.IsVector;

    // One factor per channel of each image.
    private static bool IsGate(TensorShape value, TensorShape factor) =>
        value.IsImage && factor.Equals(new TensorShape(value.Batch, value.Channels, 1, 1));
}

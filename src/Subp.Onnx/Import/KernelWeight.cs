using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>The weight of a convolution; that of a line has one row, that of a volume of depth 1 one plane.</summary>
internal static class KernelWeight
{
    /// <summary>Declares the weight as [a, b, height, width].</summary>
    public static string Declare(NodeContext node, ConstantTensor weight) =>
        weight.Shape.Rank switch
        {
            4 => node.Parameter(weight),
            5 => node.Parameter(
                weight,
                "one plane",
                new TensorShape(weight.Shape[0], weight.Shape[1], weight.Shape[3], weight.Shape[4]),
                values => values
            ),
            _ => node.Parameter(weight, "one row", new TensorShape(weight.Shape[0], weight.Shape[1], 1, weight.Shape[2]), values => values),
        };

    /// <summary>The extents of the taps of a weight.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The taps of a volume are deeper than 1.</exception>
    public static Extent Taps(NodeContext node, ConstantTensor weight, int spatial) =>
        spatial == 3 && weight.Shape[2] != 1
            ? throw node.Unsupported(
                $"a weight of shape [{string.Join(",", weight.Dimensions)}]",
                "a kernel of depth 1, as the volume has",
                "Take the taps that meet the image, or cut the network in front of the node with --outputs NAME."
            )
            : new Extent(spatial == 1 ? 1 : weight.Shape[spatial], weight.Shape[spatial + 1]);
}

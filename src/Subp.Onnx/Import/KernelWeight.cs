using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>The weight of a convolution over images or lines; that of a line has one row.</summary>
internal static class KernelWeight
{
    /// <summary>Declares the weight as [a, b, height, width].</summary>
    public static string Declare(NodeContext node, ConstantTensor weight) =>
        weight.Shape.Rank == 4
            ? node.Parameter(weight)
            : node.Parameter(weight, "one row", new TensorShape(weight.Shape[0], weight.Shape[1], 1, weight.Shape[2]), values => values);

    /// <summary>The extents of the taps of a weight.</summary>
    public static Extent Taps(ConstantTensor weight, int spatial) =>
        new(spatial == 1 ? 1 : weight.Shape[spatial], weight.Shape[spatial + 1]);
}

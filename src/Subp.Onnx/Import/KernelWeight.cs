using Subp.Core.Graphs;

namespace Subp.Onnx.Import;

/// <summary>The weight of a convolution; that of a line has one row.</summary>
internal static class KernelWeight
{
    /// <summary>Declares the weight as [a, b, height, width].</summary>
    public static string Declare(NodeContext node, ConstantTensor weight) =>
        weight.Shape.IsImage
            ? node.Parameter(weight)
            : node.Parameter(weight, "one row", new TensorShape(weight.Shape[0], weight.Shape[1], 1, weight.Shape[2]), values => values);
}

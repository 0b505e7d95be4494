using Subp.Core.Graphs;

namespace Subp.Compiler.Families;

/// <summary>Which shapes the layouts of images and of padded vectors hold.</summary>
internal static class ImageShapes
{
    /// <summary>True for images and vectors.</summary>
    public static bool Is(TensorShape shape) => shape.IsImage || shape.IsVector;

    /// <summary>True for a node whose operands and result are all such.</summary>
    public static bool Are(Graph graph, GraphNode node) => Is(node.Shape) && node.Inputs.All(input => Is(graph.ShapeOf(input)));
}

using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Which nodes have a form on bytes for the shapes of their values. Integers are computed on images and vectors; operators that only move
/// elements do so for bytes of every shape, and are not asked about here.
/// </summary>
public static class IntegerForm
{
    /// <summary>True for the shapes whose floats become bytes and whose bytes become floats: images and vectors.</summary>
    public static bool IsConvertible(TensorShape shape) => shape.IsImage || shape.IsVector;

    /// <summary>True where the result of a node can be computed of bytes.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">A node that computes new numbers.</param>
    public static bool Exists(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Conv2d or Pool2d or GlobalAveragePool => node.Shape.IsImage,
            Linear => node.Shape.IsVector,
            Activate => IsConvertible(node.Shape),
            Concat joint => joint.Axis == 1 && IsConvertible(node.Shape),
            Add or Mul => IsConvertible(node.Shape) && (AreAlike(graph, node) || HasGate(graph, node, 1) || HasGate(graph, node, 0)),
            _ => false,
        };

    /// <summary>
    /// True where both operands of a sum or product have the shape of the result: what is not so needs a gate, one number per channel of
    /// each image.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">A sum or product.</param>
    public static bool AreAlike(Graph graph, GraphNode node) => node.Inputs.All(input => graph.ShapeOf(input).Equals(node.Shape));

    /// <summary>True where an operand of a sum or product is one number per channel of each image, and the other operand images.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">A sum or product.</param>
    /// <param name="operand">The place of the operand, 0 or 1.</param>
    public static bool HasGate(Graph graph, GraphNode node, int operand) =>
        node.Shape.IsImage
        && node.Inputs.Count == 2
        && graph.ShapeOf(node.Inputs[1 - operand]).Equals(node.Shape)
        && graph.ShapeOf(node.Inputs[operand]).Equals(new TensorShape(node.Shape.Batch, node.Shape.Channels, 1, 1));

    /// <summary>The inputs of a node in the order in which its form on bytes reads them: a gate stands on the right.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">A node that computes new numbers.</param>
    public static IReadOnlyList<string> Operands(Graph graph, GraphNode node) =>
        node.Operator is Add or Mul && !AreAlike(graph, node) && HasGate(graph, node, 0) ? [node.Inputs[1], node.Inputs[0]] : node.Inputs;
}

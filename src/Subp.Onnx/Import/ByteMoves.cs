using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>Operators behind which bytes stand for the same numbers as before.</summary>
internal static class ByteMoves
{
    /// <summary>Whether every element of a result is one of an operand, or the byte of 0.</summary>
    public static bool Keeps(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Activate { Activation: { Minimum: 0, Maximum: float.PositiveInfinity, IsClamp: true } } => IntegerForm.Exists(graph, node),
            Pool2d { Kind: PoolKind.Maximum }
            or Slice
            or ChannelShuffle
            or Flatten
            or Reshape
            or Transpose
            or Gather
            or Tile
            or DepthToSpace
            or SpaceToDepth
            or Concat
            or Pad { Value: 0 }
            or Resize { Mode: ResizeMode.Nearest, Coordinates: not ResizeCoordinates.TfCropAndResize } => true,
            _ => false,
        };
}

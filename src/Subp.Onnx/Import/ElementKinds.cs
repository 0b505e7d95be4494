using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>What the elements of a result mean, by operator.</summary>
internal static class ElementKinds
{
    public static ElementKind Of(Operator @operator, IReadOnlyList<GraphValue> inputs) =>
        @operator switch
        {
            Activate { Activation.Kind: ActivationKind.Not or ActivationKind.IsNaN } => ElementKind.Truth,
            Binary { Kind: >= BinaryKind.Greater } => ElementKind.Truth,
            ArgExtreme or TopIndices or Activate { Activation.Kind: ActivationKind.Truncate } => ElementKind.Integer,
            ChannelShuffle
            or Concat
            or DepthToSpace
            or Flatten
            or Gather
            or Pad
            or Reshape
            or Slice
            or SpaceToDepth
            or Take
            or TakeElements
            or TakeTuples
            or Tile
            or Transpose => inputs[0].Kind,
            Pool2d { Kind: PoolKind.Maximum } or Resize when inputs[0].Kind == ElementKind.Byte => ElementKind.Byte,
            Quantize => ElementKind.Byte,
            Where => inputs[1].Kind,
            _ => ElementKind.Real,
        };
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Element-wise operators of two values before opset 7: shapes were equal, unless the attribute <c>broadcast</c> let the second value
/// stand for several parts of the first, from the axis <c>axis</c> on or along the last axes. The slope of a PRelu was one per channel.
/// </summary>
internal static class OldBroadcast
{
    /// <summary>The first opset with the rules of numpy.</summary>
    public const int NumpyOpset = 7;

    /// <summary>The attribute that allowed broadcasting.</summary>
    public const string Attribute = "broadcast";

    /// <summary>The second operand in a shape that means under the rules of today what it meant.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The shapes do not fit as the standard said.</exception>
    public static GraphValue Align(NodeContext node, GraphValue left, GraphValue right)
    {
        if (node.Opset >= NumpyOpset)
            return right;
        var (rank, own) = (left.Shape.Rank, right.Shape.Rank);
        if (node.Node.OpType == "PRelu")
            return right.Shape.ElementCount == 1 || rank < 2 || own > 1 ? right : Behind(node, right, rank - 2);
        var broadcasts = node.Attributes.Switch(Attribute, false);
        var axis = node.Attributes.Any("axis") is null ? rank - own : node.Attributes.Integer("axis", 0);
        if (axis < 0 && node.Attributes.Any("axis") is not null)
            axis += rank;
        if (!broadcasts)
            return left.Shape.Equals(right.Shape)
                ? right
                : throw node.Unsupported($"the shapes {left.Shape} and {right.Shape} without broadcast", "equal shapes, or broadcast = 1");
        return axis >= 0 && axis + own <= rank
            ? Behind(node, right, rank - axis - own)
            : throw node.Unsupported(
                FormattableString.Invariant($"the axis {axis} for {left.Shape} and {right.Shape}"),
                "an axis of the first shape from which on the second lies within it"
            );
    }

    private static GraphValue Behind(NodeContext node, GraphValue value, int ones) =>
        ones == 0
            ? value
            : node.EmitIntermediate("aligned", new Reshape([.. value.Shape.Dimensions, .. Enumerable.Repeat(1, ones)]), value);
}

using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Operators;

/// <summary>CastLike: a Cast to the type of another value; what the network computes is real.</summary>
internal sealed class CastLikeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("CastLike", "parameters, or nothing", "Constants; of computed values, to a real type: the graph computes in float.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        node.Attributes.Ignore("saturate", "round_mode");
        Casts.Emit(node, Target(node));
    }

    // Integers that the network computes may be of either width, which is the same here.
    private static DataType Target(NodeContext node)
    {
        if (node.IsConstant(1))
            return node.Constant(1, "target type").Type;
        var value = node.ValueOfAnyKind(1, "target type");
        return value.Kind switch
        {
            ElementKind.Byte => value.IsSigned ? DataType.Int8 : DataType.Uint8,
            ElementKind.Integer => DataType.Int64,
            ElementKind.Truth => DataType.Bool,
            _ => DataType.Float,
        };
    }
}

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
        // What the network computes is real unless it is a comparison or an index.
        var target = node.IsConstant(1) ? node.Constant(1, "target type").Type : DataType.Float;
        Casts.Emit(node, target);
    }
}

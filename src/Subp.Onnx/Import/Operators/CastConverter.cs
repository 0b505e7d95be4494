using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Operators;

/// <summary>Cast; the graph computes everything in float.</summary>
internal sealed class CastConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Cast",
            "nothing for real types, truncate for integers, not for truth values",
            "Constants; of computed values, to float, double, float16, int64, int32 and bool."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Attributes.Ignore("saturate", "round_mode");
        Casts.Emit(node, (DataType)node.Attributes.Integer("to", 0));
    }
}

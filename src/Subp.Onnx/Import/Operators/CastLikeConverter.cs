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
        if (node.IsConstant(1) && node.Constant(1, "target type").Type is var type)
        {
            if (type is not (DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16))
                throw node.Unsupported($"a conversion of a computed value to {type}", "a real type");
        }

        node.Define(node.Input(0, "input"));
    }
}

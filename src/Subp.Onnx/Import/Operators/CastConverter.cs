using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Operators;

/// <summary>Cast between real types.</summary>
internal sealed class CastConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Cast",
            "parameters, or nothing",
            "Constants to real types, int64, int32 and bool; of computed values, to a real type: the graph computes in float."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Attributes.Ignore("saturate");
        var target = (DataType)node.Attributes.Integer("to", 0);
        if (target is not (DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16))
            throw node.Unsupported($"a conversion of a computed value to {target}", "a real type");
        node.Define(node.Input(0, "input"));
    }
}

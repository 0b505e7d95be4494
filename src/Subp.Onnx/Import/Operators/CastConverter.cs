using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Operators;

/// <summary>Cast; the graph computes everything in float.</summary>
internal sealed class CastConverter : OperatorConverter
{
    private const int NumberOpset = 6;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Cast",
            "nothing for real types, truncate for integers, not for truth values",
            "Constants; of computed values, to float, double, float16, int64, int32 and bool."
        );

    /// <summary>The type of the result; before opset 6 its name in capitals.</summary>
    public static DataType Target(NodeContext node) =>
        node.Opset >= NumberOpset ? (DataType)node.Attributes.Integer("to", 0)
        : Enum.TryParse<DataType>(node.Attributes.Text("to", ""), ignoreCase: true, out var type) ? type
        : throw node.Attributes.Invalid("a type without a name", "the name of a type");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Attributes.Ignore("saturate", "round_mode");
        Casts.Emit(node, Target(node));
    }
}

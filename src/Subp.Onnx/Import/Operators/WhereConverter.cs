using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Where.</summary>
internal sealed class WhereConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Where", "where", "Any condition and values, with broadcasting; quantised bytes of one scale.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(3, 3);
        var condition = node.ValueOfAnyKind(0, "condition");
        GraphValue[] values = [node.ValueOfAnyKind(1, "value"), node.ValueOfAnyKind(2, "value")];
        if (ByteOperands.Find(values) is { } bytes)
            ByteOperands.Emit(
                node,
                bytes,
                values,
                numbers => node.EmitIntermediate("chosen", new Where(), condition, numbers[0], numbers[1]),
                "Use QLinearWhere, or choose among what DequantizeLinear makes of the bytes."
            );
        else
            node.Emit(new Where(), condition, values[0], values[1]);
    }
}

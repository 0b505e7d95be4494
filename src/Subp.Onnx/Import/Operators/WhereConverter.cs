using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Where.</summary>
internal sealed class WhereConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Where", "where", "Any condition and values, with broadcasting.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(3, 3);
        node.Emit(new Where(), node.ValueOfAnyKind(0, "condition"), node.ValueOfAnyKind(1, "value"), node.ValueOfAnyKind(2, "value"));
    }
}

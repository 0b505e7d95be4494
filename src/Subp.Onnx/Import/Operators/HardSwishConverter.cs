using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>HardSwish, an operator of its own since opset 14.</summary>
internal sealed class HardSwishConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("HardSwish", "hard_swish", "Any shape.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Emit(Activate.HardSwish, node.Value(0));
    }
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Relu.</summary>
internal sealed class ReluConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Relu", "relu", "Any shape.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Emit(Activate.Relu, node.Value(0));
    }
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Add of two computed values; constants are added by the layer before, see <see cref="Bias"/>.</summary>
internal sealed class AddConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Add", "add",
        "Two computed values of one shape, or a constant per output channel after Conv, Gemm or MatMul without bias, which becomes their bias.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var (first, second) = (node.Value(0, "operand"), node.Value(1, "operand"));
        if (!first.Shape.Equals(second.Shape))
            throw node.Unsupported($"operands of shapes {first.Shape} and {second.Shape}", "equal shapes");
        node.Emit(new Add(), first, second);
    }
}

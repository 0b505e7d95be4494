using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// Add of two computed values or of a constant; the layer before adds constants itself where it can, see <see cref="Bias"/>.
/// </summary>
internal sealed class AddConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Add",
            "add, or batch_norm for a constant",
            "Two computed values of one shape, or a constant for all elements or one per channel; after Conv, Gemm or MatMul without "
                + "bias it becomes their bias."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        if (node.IsConstant(0) || node.IsConstant(1))
        {
            var constant = node.IsConstant(0) ? 0 : 1;
            Affine.Emit(node, node.Value(1 - constant, "operand"), node.Constant(constant, "summand"), summand => (1, summand));
            return;
        }

        var (first, second) = (node.Value(0, "operand"), node.Value(1, "operand"));
        if (!first.Shape.Equals(second.Shape))
            throw node.Unsupported($"operands of shapes {first.Shape} and {second.Shape}", "equal shapes");
        node.Emit(new Add(), first, second);
    }
}

namespace Subp.Onnx.Import.Operators;

/// <summary>Mul of computed values, or of one and a constant.</summary>
internal sealed class MulConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Mul",
            "mul, silu or hard_swish where it is one, batch_norm for a constant",
            "Two computed values of one shape, an image and a gate [batch,channels,1,1], or a constant for all elements or one per channel."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        if (node.IsConstant(0))
            Affine.Emit(node, node.Value(1, "operand"), node.Constant(0, "factor"), factor => (factor, 0));
        else if (node.IsConstant(1))
            Affine.Emit(node, node.Value(0, "operand"), node.Constant(1, "factor"), factor => (factor, 0));
        else
            Products.Emit(node, node.Value(0, "operand"), node.Value(1, "operand"));
    }
}

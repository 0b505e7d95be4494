namespace Subp.Onnx.Import.Operators;

/// <summary>Sub of a constant from a computed value, or the other way round.</summary>
internal sealed class SubConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Sub", "batch_norm", "One computed value, and a constant for all elements or one per channel.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        if (node.IsConstant(0))
            Affine.Emit(node, node.Value(1, "operand"), node.Constant(0, "minuend"), minuend => (-1, minuend));
        else
            Affine.Emit(node, node.Value(0, "operand"), node.Constant(1, "subtrahend"), subtrahend => (1, -subtrahend));
    }
}

namespace Subp.Onnx.Import.Operators;

/// <summary>Div of a computed value by a constant.</summary>
internal sealed class DivConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Div", "batch_norm, or hard_swish where it ends one", "A computed value by a constant for all elements or one per channel.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        if (!Products.TryEmitSixth(node, node.Value(0, "dividend"), node.Constant(1, "divisor")))
            Affine.Emit(node, node.Value(0, "dividend"), node.Constant(1, "divisor"), divisor => ((float)(1.0 / divisor), 0));
    }
}

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// The row of an operator that <see cref="Folding.ConstantFolding"/> computes at import. To come here means that an input is not known at
/// import.
/// </summary>
internal sealed class FoldedConverter(string name, string limits) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new(name, "a constant", limits);

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        for (var index = 0; index < node.InputCount; index++)
        {
            if (node.HasInput(index) && !node.IsConstant(index))
                throw node.Unsupported(
                    $"the computed value '{node.Node.Input[index]}' as input {index}",
                    "constants and static shapes only",
                    "Export the model with fixed shapes, so that its shape arithmetic is constant."
                );
        }

        throw node.Unsupported(FormattableString.Invariant($"{node.InputCount} inputs"), "constant inputs");
    }
}

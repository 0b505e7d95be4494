namespace Subp.Onnx.Import.Operators;

/// <summary>Unsqueeze.</summary>
internal sealed class UnsqueezeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Unsqueeze", "reshape, or nothing where the shape becomes that of the value again", "Axes as attribute or constant input.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var input = node.Input(0, "input");
        Reshaping.Convert(node, input, Axes.Inserted(node, NodeContext.DimensionsOf(input)));
    }
}

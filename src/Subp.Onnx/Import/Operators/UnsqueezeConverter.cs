namespace Subp.Onnx.Import.Operators;

/// <summary>Unsqueeze, which brings back an axis that Gather or Squeeze took away.</summary>
internal sealed class UnsqueezeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Unsqueeze",
            "parameters or reshape, or nothing where the shape becomes that of the value again",
            "Constants; of computed values where the shape becomes that of an image or a vector, as after Gather of one channel."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var input = node.Input(0, "input");
        Reshaping.Convert(node, input, Axes.Inserted(node, NodeContext.DimensionsOf(input)));
    }
}

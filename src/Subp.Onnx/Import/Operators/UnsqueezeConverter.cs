namespace Subp.Onnx.Import.Operators;

/// <summary>Unsqueeze, which brings back an axis that Gather or Squeeze took away.</summary>
internal sealed class UnsqueezeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Unsqueeze",
            "parameters, or nothing where the shape becomes that of the value again",
            "Constants; of computed values where the shape becomes one that the graph has, as after Gather of one channel."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        switch (node.Input(0, "input"))
        {
            case GraphValue value:
                Reshaping.Convert(node, value, Axes.Inserted(node, [.. value.Shape.Dimensions.Select(extent => (long)extent)]));
                break;
            case ViewValue { KeepsOrder: true } view:
                Reshaping.Convert(node, view.Source, Axes.Inserted(node, view.Shape));
                break;
            case var other:
                throw node.Unsupported($"an added axis of {NodeContext.Describe(other)}", "a computed value");
        }
    }
}

namespace Subp.Onnx.Import.Operators;

/// <summary>Clip; ReLU6 of PyTorch arrives as this.</summary>
internal sealed class ClipConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Clip",
            "relu or clip",
            "Any shape; bounds as constant inputs, or as attributes as older exporters write them; where the lower bound is the "
                + "greater one, the upper counts."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 3);
        var minimum = node.Attributes.Real("min", float.NegativeInfinity);
        var maximum = node.Attributes.Real("max", float.PositiveInfinity);
        if (node.OptionalConstant(1, "lower bound") is { } lower)
            minimum = lower.ToScalar();
        if (node.OptionalConstant(2, "upper bound") is { } upper)
            maximum = upper.ToScalar();

        Clamps.Emit(node, node.Value(0), minimum, maximum);
    }
}

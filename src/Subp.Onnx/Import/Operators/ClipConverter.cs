using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Clip; ReLU6 of PyTorch arrives as this.</summary>
internal sealed class ClipConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Clip", "relu or clip",
        "Any shape; bounds as constant inputs, or as attributes as older exporters write them; the lower bound at most the upper.");

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

        // Exporters write "no bound" also as the largest finite number; one spelling keeps the patterns of later passes simple.
        if (minimum == float.MinValue)
            minimum = float.NegativeInfinity;
        if (maximum == float.MaxValue)
            maximum = float.PositiveInfinity;
        var activation = new Activation(minimum, maximum);
        if (activation == Activation.None)
            node.Define(node.Value(0));
        else
            node.Emit(new Activate { Activation = activation }, node.Value(0));
    }
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Clip; ReLU6 of PyTorch arrives as this.</summary>
internal sealed class ClipConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Clip",
            "relu or clip",
            "Any shape; bounds as constant inputs, or as attributes as older exporters write them. A lower bound above the upper gives the upper everywhere, as NumPy does."
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

        // The maximum is taken first and the minimum last, so an upper bound below the lower one wins.
        minimum = Math.Min(minimum, maximum);

        // Exporters write "no bound" also as the largest finite number; one spelling keeps the patterns of later passes simple.
        if (minimum == float.MinValue)
            minimum = float.NegativeInfinity;
        if (maximum == float.MaxValue)
            maximum = float.PositiveInfinity;
        var (input, activation) = (node.Value(0), new Activation(minimum, maximum));

        // PyTorch writes ReLU6 as Relu and Clip; one clamp after another is one clamp.
        if (minimum <= maximum && node.Producer(input) is (Activate { Activation: { IsClamp: true } inner }, [var source]))
            (input, activation) = (source, new Activation((float)activation.Apply(inner.Minimum), (float)activation.Apply(inner.Maximum)));
        if (activation == Activation.None)
            node.Define(input);
        else
            node.Emit(new Activate(activation), input);
    }
}

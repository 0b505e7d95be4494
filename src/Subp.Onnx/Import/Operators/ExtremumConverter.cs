namespace Subp.Onnx.Import.Operators;

/// <summary>Max or Min of a computed value and constants of one element, which limit it to a range.</summary>
internal sealed class ExtremumConverter(string name) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(name, "relu or clip", "Constants; one computed value and constants of one element.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        if (node.InputCount == 0)
            node.RequireInputs(1, int.MaxValue);
        int[] computed = [.. Enumerable.Range(0, node.InputCount).Where(index => !node.IsConstant(index))];
        if (computed.Length != 1)
            throw node.Unsupported(
                FormattableString.Invariant($"{computed.Length} computed operands"),
                "one computed value and constants of one element"
            );
        var value = node.Value(computed[0], "operand");
        var (minimum, maximum) = (float.NegativeInfinity, float.PositiveInfinity);
        foreach (var index in Enumerable.Range(0, node.InputCount).Except(computed))
        {
            var constant = node.Constant(index, "operand");
            if (constant.Count != 1 || constant.Dimensions.Count > value.Shape.Rank)
                throw node.Unsupported(
                    $"a constant of shape [{string.Join(",", constant.Dimensions)}] for a value of shape {value.Shape}",
                    "one number"
                );
            if (name == "Max")
                minimum = MathF.Max(minimum, constant.ToScalar());
            else
                maximum = MathF.Min(maximum, constant.ToScalar());
        }

        Clamps.Emit(node, value, minimum, maximum);
    }
}

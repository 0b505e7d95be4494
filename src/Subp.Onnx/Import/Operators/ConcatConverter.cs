using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Concat along the channels.</summary>
internal sealed class ConcatConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Concat", "concat", "Computed images or vectors along the channels.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        if (node.InputCount == 0)
            node.RequireInputs(1, int.MaxValue);
        GraphValue[] parts = [.. Enumerable.Range(0, node.InputCount).Select(index => node.Value(index, "operand"))];
        var given = node.Attributes.Any("axis") is null
            ? throw node.Attributes.Invalid("no axis", "axis")
            : node.Attributes.Integer("axis", 1);
        var axis = Axes.Normalize(node, given, parts[0].Shape.Rank);
        if (axis != 1)
            throw node.Unsupported(FormattableString.Invariant($"axis = {axis}"), "the channels, axis 1");
        if (parts.Length == 1)
            node.Define(parts[0]);
        else
            node.Emit(new Concat(), parts);
    }
}

namespace Subp.Onnx.Import.Operators;

/// <summary>Reshape to a constant shape.</summary>
internal sealed class ReshapeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Reshape", "flatten, or nothing where the shape stays",
        "Constant shape, with 0 and -1 as the standard says; the result must be [batch, rest] or the shape of the input.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var input = node.Value(0);
        var shape = node.Constant(1, "shape").ToIntegers();
        var zeroIsZero = node.Attributes.Switch("allowzero", false);
        var open = -1;
        var known = 1L;
        for (var index = 0; index < shape.Length; index++)
        {
            if (shape[index] == 0 && !zeroIsZero && index < input.Shape.Rank)
                shape[index] = input.Shape[index];
            if (shape[index] == -1 && open < 0)
                open = index;
            else if (shape[index] < 1 || shape[index] > input.Shape.ElementCount)
                throw Mismatch(node, input, shape);
            else
                known *= shape[index];
            if (known > input.Shape.ElementCount)
                throw Mismatch(node, input, shape);
        }

        if (input.Shape.ElementCount % known != 0 || (open < 0 && known != input.Shape.ElementCount))
            throw Mismatch(node, input, shape);
        if (open >= 0)
            shape[open] = input.Shape.ElementCount / known;
        Reshaping.Convert(node, input, shape);
    }

    private static Core.Diagnostics.SubpException Mismatch(NodeContext node, GraphValue input, long[] shape) => new(
        Core.Diagnostics.DiagnosticDescriptors.ShapeMismatch, node.Label, $"the shape [{string.Join(",", shape)}]",
        FormattableString.Invariant($"one of {input.Shape.ElementCount} elements with at most one -1"));
}

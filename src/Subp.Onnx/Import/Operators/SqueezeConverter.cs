namespace Subp.Onnx.Import.Operators;

/// <summary>Squeeze.</summary>
internal sealed class SqueezeConverter : OperatorConverter
{
    private const int AxesInputOpset = 13;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Squeeze", "flatten or reshape, or nothing where the shape stays", "Axes as attribute or constant input, or all of extent 1.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, node.Opset >= AxesInputOpset ? 2 : 1);
        var input = node.Input(0, "input");
        var shape = NodeContext.DimensionsOf(input);
        var axes =
            Axes.Read(node, shape.Length, AxesInputOpset, inputIndex: 1)
            ?? Enumerable.Range(0, shape.Length).Where(axis => shape[axis] == 1).ToArray();
        foreach (var axis in axes.Where(axis => shape[axis] != 1))
            throw node.Attributes.Invalid(FormattableString.Invariant($"the axis {axis} of extent {shape[axis]}"), "an axis of extent 1");
        Reshaping.Convert(node, input, [.. shape.Where((_, axis) => !axes.Contains(axis))]);
    }
}

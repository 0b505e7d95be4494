namespace Subp.Onnx.Import.Operators;

/// <summary>Flatten.</summary>
internal sealed class FlattenConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Flatten", "flatten or reshape, or nothing where the shape stays", "Any axis.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var input = node.Input(0, "input");
        var shape = NodeContext.DimensionsOf(input);
        var given = node.Attributes.Integer("axis", 1);
        var axis = given == shape.Length ? given : Axes.Normalize(node, given, shape.Length);
        Reshaping.Convert(node, input, [Reshaping.Count(shape[..axis]), Reshaping.Count(shape[axis..])]);
    }
}

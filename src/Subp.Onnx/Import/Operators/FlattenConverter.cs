namespace Subp.Onnx.Import.Operators;

/// <summary>Flatten.</summary>
internal sealed class FlattenConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Flatten", "flatten, or nothing where the shape stays", "Any axis whose result is [batch, rest]; the usual one is 1.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var input = node.Value(0);
        var given = node.Attributes.Integer("axis", 1);
        var axis = given == input.Shape.Rank ? given : Axes.Normalize(node, given, input.Shape.Rank);
        var rows = input.Shape.Dimensions.Take(axis).Aggregate(1L, (product, dimension) => product * dimension);
        Reshaping.Convert(node, input, [rows, input.Shape.ElementCount / rows]);
    }
}

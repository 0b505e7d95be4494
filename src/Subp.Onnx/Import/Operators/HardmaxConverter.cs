using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Hardmax: 1 for the first of the largest values along an axis, before opset 13 of everything from the axis on, else 0.</summary>
internal sealed class HardmaxConverter : OperatorConverter
{
    private const int SingleAxisOpset = 13;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Hardmax", "arg_max and equal", "Any axis; before opset 13 over everything from the axis on.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var value = node.Value(0);
        var shape = value.Shape;
        var joins = node.Opset < SingleAxisOpset;
        var given = node.Attributes.Integer("axis", joins ? 1 : -1);
        var axis = joins && given == shape.Rank ? given : Axes.Normalize(node, given, shape.Rank);
        var behind = shape.Dimensions.Skip(axis).Aggregate(1, (product, extent) => product * extent);
        var (vectors, along) = joins
            ? (node.EmitIntermediate("rows", new Reshape(shape.ElementCount / behind, behind), value), 1)
            : (value, axis);
        var best = node.EmitIntermediate("best", new ArgExtreme { Axis = along }, vectors);
        var chosen = OneHots.Of(node, best, along, vectors.Shape[along]);
        node.EmitAs(ElementKind.Real, new Reshape(shape.Dimensions), chosen);
    }
}

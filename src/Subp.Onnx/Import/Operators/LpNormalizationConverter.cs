using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>LpNormalization: a value divided by its norm along an axis.</summary>
internal sealed class LpNormalizationConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("LpNormalization", "reduce_l1 or reduce_l2, and div", "Any axis; p = 1 or 2.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var value = node.Value(0);
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", -1), value.Shape.Rank);
        var kind = node.Attributes.Integer("p", 2, 1, 2) == 1 ? ReduceKind.L1 : ReduceKind.L2;
        var norm = node.EmitIntermediate("norm", new Reduce { Kind = kind, Axes = new[] { axis } }, value);
        node.Emit(new Binary { Kind = BinaryKind.Divide }, value, norm);
    }
}

using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Trilu: a triangle of every matrix, zeros elsewhere.</summary>
internal sealed class TriluConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Trilu", "where", "A constant diagonal.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 2);
        var value = node.ValueOfAnyKind(0);
        if (value.Shape.Rank < 2)
            throw node.Unsupported($"an input of shape {value.Shape}", "matrices");
        var diagonal = node.OptionalConstant(1, "diagonal")?.ToIntegers().Single() ?? 0;
        var isUpper = node.Attributes.Switch("upper", true);
        var (rows, columns) = (value.Shape[value.Shape.Rank - 2], value.Shape[value.Shape.Rank - 1]);
        var mask = new float[checked(rows * columns)];
        node.ChargeFolded(mask.Length);
        for (var index = 0; index < mask.Length; index++)
        {
            var above = (index % columns) - (index / columns) - Math.Clamp(diagonal, -rows - 1L, columns + 1L);
            mask[index] = (isUpper ? above >= 0 : above <= 0) ? 1 : 0;
        }

        var triangle = node.ComputedConstant("triangle", new TensorShape(rows, columns), mask);
        var zero = node.ComputedConstant("zero", new TensorShape(), 0) with { Kind = value.Kind };
        node.Emit(new Where(), triangle, value, zero);
    }
}

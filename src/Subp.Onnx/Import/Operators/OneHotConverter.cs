using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Import.Folding;

namespace Subp.Onnx.Import.Operators;

/// <summary>OneHot: indices compared with the places of a new axis.</summary>
internal sealed class OneHotConverter : OperatorConverter
{
    private const int MostPlaces = 1 << 16;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "OneHot",
            "equal and where",
            "A constant depth of at most 65,536 and constant values; an index outside of the depth chooses no place."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(3, 3);
        var indices = node.Number(0, "indices");
        if (indices.Kind == ElementKind.Real)
            indices = node.EmitIntermediate("whole", new Activate(Activation.Of(ActivationKind.Truncate)), indices);
        var depth = Depth(node);
        var rank = indices.Shape.Rank + 1;
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", -1), rank);

        List<int> extents = [.. indices.Shape.Dimensions];
        extents.Insert(axis, 1);
        var apart = node.EmitIntermediate("apart", new Reshape([.. extents]), indices);
        var zero = node.ComputedConstant("zero", new TensorShape(), 0);
        // Negative indices count from the end.
        var isNegative = node.EmitIntermediate("negative", new Binary { Kind = BinaryKind.Less }, apart, zero);
        var length = node.ComputedConstant("depth", new TensorShape(1), depth);
        var shift = node.EmitIntermediate("shift", new Mul(), isNegative, length);
        var places = node.EmitIntermediate("place", new Add(), apart, shift);

        var values = FoldedTensor.Read(node.Constant(2, "values"));
        if (values is not { Dimensions: [2] })
            throw node.Unsupported(
                $"values of shape [{string.Join(",", values.Dimensions)}]",
                "[2], the value elsewhere and that of the place"
            );
        float[] numbers = values.IsReal ? values.Reals : Array.ConvertAll(values.Integers, value => (float)value);
        var kind = values.IsReal ? ElementKind.Real : ElementKind.Integer;
        GraphValue Number(string name, float number) => node.ComputedConstant(name, new TensorShape(), number) with { Kind = kind };
        node.EmitAs(kind, new Where(), OneHots.Of(node, places, axis, depth), Number("on", numbers[1]), Number("off", numbers[0]));
    }

    private static int Depth(NodeContext node)
    {
        var given = FoldedTensor.Read(node.Constant(1, "depth"));
        if (given.Count != 1)
            throw node.Unsupported($"a depth of shape [{string.Join(",", given.Dimensions)}]", "one number");
        var depth = given.IsReal ? given.Reals[0] : given.Integers[0];
        return depth is >= 1 and <= MostPlaces
            ? (int)depth
            : throw node.Unsupported(FormattableString.Invariant($"a depth of {depth}"), FormattableString.Invariant($"1 to {MostPlaces}"));
    }
}

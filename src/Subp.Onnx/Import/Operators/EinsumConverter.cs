using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Einsum of two values: a product of matrices between permutations, as exporters of attention write it.</summary>
internal sealed class EinsumConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Einsum",
            "matmul between transpose and reshape; linear for a constant matrix on the right whose first or last axis is summed over",
            "Two operands; no ellipsis, no index twice in one operand, no sum over an index that only one operand has."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var text = node.Attributes.Text("equation", "");
        var equation =
            EinsumEquation.Parse(text) ?? throw node.Attributes.Invalid($"equation = {text}", "two operands as in bhid,bhjd->bhij");
        var (left, right) = (node.Value(0, "operand"), node.Value(1, "operand"));
        if (equation.Left.Length != left.Shape.Rank || equation.Right.Length != right.Shape.Rank)
            throw node.Unsupported($"equation {text} for {left.Shape} and {right.Shape}", "an index for each dimension");
        var extents = new Dictionary<char, int>();
        foreach (var (index, extent) in equation.Left.Zip(left.Shape.Dimensions).Concat(equation.Right.Zip(right.Shape.Dimensions)))
        {
            if (!extents.TryAdd(index, extent) && extents[index] != extent)
                throw node.Unsupported($"the extents {extents[index]} and {extent} of '{index}'", "one extent for each index");
        }

        if (equation.IsLayer && left.Constant is null && right.Constant is { Dimensions.Count: 2 } matrix)
        {
            var (weight, features) = LinearWeight.Declare(node, matrix, equation.IsTransposedLayer, factor: 1);
            var (output, bias) = Bias.Find(node, given: null, features, trailing: 0);
            node.EmitAs(output, new Linear { Weight = weight, Bias = bias }, left);
            return;
        }

        GraphValue Arranged(string name, GraphValue value, string from, string first, string second)
        {
            value = Permuted(node, name + ".order", value, from, equation.Batch + first + second);
            int[] shape = [.. equation.Batch.Select(index => extents[index]), Product(first), Product(second)];
            return value.Shape.Dimensions.SequenceEqual(shape) ? value : node.EmitIntermediate(name + ".matrix", new Reshape(shape), value);
        }

        int Product(string indices) => indices.Aggregate(1, (product, index) => checked(product * extents[index]));
        var product = node.EmitIntermediate(
            "product",
            new MatMul(),
            Arranged("left", left, equation.Left, equation.OnlyLeft, equation.Summed),
            Arranged("right", right, equation.Right, equation.Summed, equation.OnlyRight)
        );
        var made = equation.Batch + equation.OnlyLeft + equation.OnlyRight;
        var apart = new Reshape([.. made.Select(index => extents[index])]);
        if (made == equation.Output)
        {
            node.Emit(apart, product);
            return;
        }

        node.Emit(Order(made, equation.Output), node.EmitIntermediate("apart", apart, product));
    }

    private static GraphValue Permuted(NodeContext node, string name, GraphValue value, string from, string to) =>
        from == to ? value : node.EmitIntermediate(name, Order(from, to), value);

    private static Transpose Order(string from, string to) =>
        new() { Permutation = to.Select(index => from.IndexOf(index, StringComparison.Ordinal)).ToArray() };
}

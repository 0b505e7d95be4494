using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// FusedMatMul of ONNX Runtime's optimiser: a product of matrices with what was around it, transpositions of its operands and a factor.
/// Source of the definition: docs/ContribOperators.md of ONNX Runtime.
/// </summary>
internal sealed class FusedMatMulConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "FusedMatMul",
            "matmul between transpose and mul, or linear for a constant matrix on the right",
            "Of the domain com.microsoft; operands of at least two dimensions."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var (left, right) = (node.Value(0, "operand"), node.Value(1, "operand"));
        if (left.Shape.Rank < 2 || right.Shape.Rank < 2)
            throw node.Unsupported($"operands of shape {left.Shape} and {right.Shape}", "at least two dimensions each");
        var factor = node.Attributes.Real("alpha", 1);
        var isTransposed = node.Attributes.Switch("transB", false);
        left = Arranged(node, "left", left, node.Attributes.Switch("transA", false), node.Attributes.Switch("transBatchA", false));
        var isBatchMoved = node.Attributes.Switch("transBatchB", false);
        if (right.Constant is { Dimensions.Count: 2 } matrix && left.Constant is null)
        {
            var (weight, features) = LinearWeight.Declare(node, matrix, isTransposed, factor);
            var (output, bias) = Bias.Find(node, given: null, features, trailing: 0);
            node.EmitAs(output, new Linear { Weight = weight, Bias = bias }, left);
            return;
        }

        right = Arranged(node, "right", right, isTransposed, isBatchMoved);
        if (factor == 1)
        {
            node.Emit(new MatMul(), left, right);
            return;
        }

        var product = node.EmitIntermediate("product", new MatMul(), left, right);
        node.Emit(new Mul(), product, node.ComputedConstant("alpha", new Core.Graphs.TensorShape(1), factor));
    }

    // A batch that is moved is the first dimension of the matrix: [m,b,k] is read as [b,m,k], and then perhaps transposed.
    private static GraphValue Arranged(NodeContext node, string name, GraphValue value, bool isTransposed, bool isBatchMoved)
    {
        var rank = value.Shape.Rank;
        List<int> order = [.. Enumerable.Range(0, rank)];
        if (isBatchMoved && rank > 2)
        {
            order.RemoveAt(0);
            order.Insert(rank - 2, 0);
        }

        if (isTransposed)
            (order[rank - 2], order[rank - 1]) = (order[rank - 1], order[rank - 2]);
        return order.SequenceEqual(Enumerable.Range(0, rank))
            ? value
            : node.EmitIntermediate($"{name}.order", new Transpose { Permutation = order.ToArray() }, value);
    }
}

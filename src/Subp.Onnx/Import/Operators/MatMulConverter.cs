using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>MatMul: with a constant matrix a fully connected layer, else a product of matrices for every position of the batch.</summary>
internal sealed class MatMulConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "MatMul",
            "linear for a constant matrix on the right, else matmul",
            "Any two values; an Add of a constant after a layer becomes its bias."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var (left, right) = (node.Value(0, "operand"), node.Value(1, "operand"));
        if (right.Constant is { Dimensions.Count: 2 } matrix && left.Shape.Rank >= 2 && left.Constant is null)
        {
            var (weight, features) = LinearWeight.Declare(node, matrix, isTransposed: false, factor: 1);
            var (output, bias) = Bias.Find(node, given: null, features, trailing: 0);
            node.EmitAs(output, new Linear { Weight = weight, Bias = bias }, left);
            return;
        }

        // A vector is one row on the left and one column on the right; the result loses that dimension again.
        if (left.Shape.Rank == 0 || right.Shape.Rank == 0)
            throw node.Unsupported("a scalar operand", "at least one dimension");
        var (isRow, isColumn) = (left.Shape.Rank == 1, right.Shape.Rank == 1);
        if (isRow)
            left = node.EmitIntermediate("row", new Reshape(1, left.Shape[0]), left);
        if (isColumn)
            right = node.EmitIntermediate("column", new Reshape(right.Shape[0], 1), right);
        if (!isRow && !isColumn)
        {
            node.Emit(new MatMul(), left, right);
            return;
        }

        var product = node.EmitIntermediate("product", new MatMul(), left, right);
        var rank = product.Shape.Rank;
        node.Emit(
            new Reshape([.. product.Shape.Dimensions.Where((_, axis) => !(isRow && axis == rank - 2) && !(isColumn && axis == rank - 1))]),
            product
        );
    }
}

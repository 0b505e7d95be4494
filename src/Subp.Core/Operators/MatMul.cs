using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// The matrix product over the last two dimensions of two computed values, [..., rows, inner] and [..., inner, columns]; the dimensions
/// before them follow <see cref="ShapeContext.Broadcast"/>. A product with a weight is <see cref="Linear"/>.
/// </summary>
public sealed record MatMul : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "matmul";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (2, 2);

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var (left, right) = (context.Inputs[0], context.Inputs[1]);
        if (left.Rank < 2 || right.Rank < 2 || left[left.Rank - 1] != right[right.Rank - 2])
            throw context.Error($"the shapes {left} and {right}", "[...,rows,inner] and [...,inner,columns]");
        var batch = context.Broadcast(Batch(left), Batch(right));
        return new TensorShape([.. batch.Dimensions, left[left.Rank - 2], right[right.Rank - 1]]);
    }

    internal static TensorShape Batch(TensorShape shape) => new([.. shape.Dimensions.Take(shape.Rank - 2)]);

    internal static Operator Read(IAttributeReader reader) => new MatMul();
}

using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>One product of two matrices per position of the batch dimensions.</summary>
internal static class MatMulEvaluator
{
    public static void Evaluate(Arguments arguments)
    {
        var (left, right, result) = (arguments.InputShape(0), arguments.InputShape(1), arguments.OutputShape);
        var (rows, columns, inner) = (result[result.Rank - 2], result[result.Rank - 1], left[left.Rank - 1]);
        var batch = MatMul.Batch(result);
        var lefts = StridedIndex.Of(batch.Dimensions, TensorStrides.Broadcast(MatMul.Batch(left), batch));
        var rights = StridedIndex.Of(batch.Dimensions, TensorStrides.Broadcast(MatMul.Batch(right), batch));
        for (var position = 0; position < lefts.Length; position++)
        {
            for (var row = 0; row < rows; row++)
            {
                var target = arguments.Output.AsSpan(((position * rows) + row) * columns, columns);
                for (var index = 0; index < inner; index++)
                {
                    var factor = arguments.Input()[(((lefts[position] * rows) + row) * inner) + index];
                    var source = arguments.Input(1).AsSpan(((rights[position] * inner) + index) * columns, columns);
                    for (var column = 0; column < columns; column++)
                        target[column] += factor * source[column];
                }
            }
        }
    }
}

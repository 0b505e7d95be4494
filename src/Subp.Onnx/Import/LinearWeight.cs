using Subp.Core.Graphs;

namespace Subp.Onnx.Import;

/// <summary>Brings the constant matrix of Gemm and MatMul into the form of the graph, [out, in], with a factor multiplied in.</summary>
internal static class LinearWeight
{
    /// <summary>Declares the weight.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="matrix">The constant.</param>
    /// <param name="isTransposed">True where it is [out, in] already.</param>
    /// <param name="factor">The factor.</param>
    /// <returns>The name of the parameter and the number of output features.</returns>
    /// <exception cref="Core.Diagnostics.SubpException">The constant is no matrix.</exception>
    public static (string Parameter, int OutputFeatures) Declare(NodeContext node, ConstantTensor matrix, bool isTransposed, float factor)
    {
        if (matrix.Dimensions.Count != 2)
            throw node.Unsupported($"a weight of shape [{string.Join(",", matrix.Dimensions)}]", isTransposed ? "[out,in]" : "[in,out]");
        var (rows, columns) = (matrix.Shape[0], matrix.Shape[1]);
        var shape = isTransposed ? matrix.Shape : new TensorShape(columns, rows);
        var form =
            isTransposed && factor == 1 ? "" : FormattableString.Invariant($"{(isTransposed ? "as is" : "transposed")} times {factor:R}");
        var name = node.Parameter(
            matrix,
            form,
            shape,
            values =>
            {
                if (factor != 1)
                {
                    for (var index = 0; index < values.Length; index++)
                        values[index] *= factor;
                }

                return isTransposed ? values : Transpose(values, rows, columns);
            }
        );
        return (name, shape[0]);
    }

    private static float[] Transpose(float[] values, int rows, int columns)
    {
        // Squares of 32 x 32 keep both sides in the cache; a classifier of 4096 x 1000 would miss it on every element otherwise.
        const int Tile = 32;
        var result = new float[values.Length];
        for (var rowTile = 0; rowTile < rows; rowTile += Tile)
        {
            for (var columnTile = 0; columnTile < columns; columnTile += Tile)
            {
                for (var row = rowTile; row < Math.Min(rows, rowTile + Tile); row++)
                {
                    for (var column = columnTile; column < Math.Min(columns, columnTile + Tile); column++)
                        result[(column * rows) + row] = values[(row * columns) + column];
                }
            }
        }

        return result;
    }
}

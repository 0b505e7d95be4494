namespace Subp.Compression.Algebra;

/// <summary>The factor L of a symmetric positive definite matrix A = L L', and what can be solved with it.</summary>
internal sealed class Cholesky
{
    private const int ColumnsAtOnce = 32;
    private const int RowsAtOnce = 64;
    private const int RowsOfPart = 8;

    private readonly Matrix _factor;

    private Cholesky(Matrix factor) => _factor = factor;

    /// <summary>Factors a matrix, of which only the lower half is read.</summary>
    /// <exception cref="ArithmeticException">The matrix is not positive definite, or holds a NaN.</exception>
    public static Cholesky Factor(Matrix matrix) =>
        TryFactor(matrix) ?? throw new ArithmeticException($"The matrix of {matrix.Rows} rows is not positive definite.");

    /// <summary>
    /// Factors a covariance with a ridge. An estimated covariance need not be one of anything: the ridge grows until there is a factor.
    /// </summary>
    /// <param name="covariance">The covariance.</param>
    /// <param name="ridge">What is added along the diagonal at first, above 0.</param>
    /// <returns>The factor, and the ridge that it has.</returns>
    /// <exception cref="ArithmeticException">No ridge is large enough: the covariance holds a NaN.</exception>
    public static (Cholesky Factor, double Ridge) FactorWithRidge(Matrix covariance, double ridge)
    {
        const int MostSteps = 40;
        for (var step = 0; step < MostSteps; step++, ridge *= 10)
        {
            if (TryFactor(covariance.WithRidge(ridge)) is { } factor)
                return (factor, ridge);
        }

        throw new ArithmeticException($"The covariance of {covariance.Rows} channels is no covariance.");
    }

    private static Cholesky? TryFactor(Matrix matrix)
    {
        var size = matrix.Rows;
        var factor = new Matrix(size, size);
        double Rest(int row, int column) => matrix[row, column] - Matrix.Dot(factor.Row(row)[..column], factor.Row(column)[..column]);
        for (var start = 0; start < size; start += RowsAtOnce)
        {
            var end = Math.Min(start + RowsAtOnce, size);
            // What a row has in common with those above the panel depends on no other of the panel; every part reads those above once.
            Parallel.For(
                0,
                (end - start + RowsOfPart - 1) / RowsOfPart,
                part =>
                {
                    var first = start + (part * RowsOfPart);
                    for (var column = 0; column < start; column++)
                    {
                        for (var row = first; row < Math.Min(first + RowsOfPart, end); row++)
                            factor[row, column] = Rest(row, column) / factor[column, column];
                    }
                }
            );
            for (var row = start; row < end; row++)
            {
                for (var column = start; column < row; column++)
                    factor[row, column] = Rest(row, column) / factor[column, column];
                if (Rest(row, row) is var rest && !(rest > 0))
                    return null;
                factor[row, row] = Math.Sqrt(rest);
            }
        }

        return new Cholesky(factor);
    }

    /// <summary>Solves A x = b, in place.</summary>
    public void Solve(Span<double> values)
    {
        for (var row = 0; row < _factor.Rows; row++)
            values[row] = (values[row] - Matrix.Dot(_factor.Row(row)[..row], values[..row])) / _factor[row, row];
        for (var row = _factor.Rows - 1; row >= 0; row--)
        {
            values[row] /= _factor[row, row];
            // Row by row, so that the factor is read as it lies.
            Matrix.AddScaled(values[..row], -values[row], _factor.Row(row)[..row]);
        }
    }

    /// <summary>Solves A X = B.</summary>
    public Matrix Solve(Matrix right)
    {
        var result = new Matrix(right.Rows, right.Columns);
        // Some columns together, so that the factor, which can be larger than the caches, is read once for all of them.
        Parallel.For(
            0,
            (right.Columns + ColumnsAtOnce - 1) / ColumnsAtOnce,
            panel =>
            {
                var first = panel * ColumnsAtOnce;
                var width = Math.Min(ColumnsAtOnce, right.Columns - first);
                var values = new Matrix(right.Rows, width);
                for (var row = 0; row < right.Rows; row++)
                    right.Row(row).Slice(first, width).CopyTo(values.Row(row));
                SolvePanel(values);
                for (var row = 0; row < right.Rows; row++)
                    values.Row(row).CopyTo(result.Row(row).Slice(first, width));
            }
        );
        return result;
    }

    private void SolvePanel(Matrix values)
    {
        for (var row = 0; row < _factor.Rows; row++)
        {
            for (var column = 0; column < row; column++)
                Matrix.AddScaled(values.Row(row), -_factor[row, column], values.Row(column));
            Divide(values.Row(row), _factor[row, row]);
        }

        for (var row = _factor.Rows - 1; row >= 0; row--)
        {
            Divide(values.Row(row), _factor[row, row]);
            for (var column = 0; column < row; column++)
                Matrix.AddScaled(values.Row(column), -_factor[row, column], values.Row(row));
        }
    }

    private static void Divide(Span<double> values, double divisor)
    {
        for (var index = 0; index < values.Length; index++)
            values[index] /= divisor;
    }

    /// <summary>The inverse of A.</summary>
    public Matrix Inverse() => Solve(Matrix.Identity(_factor.Rows));
}

namespace Subp.Compression.Algebra;

/// <summary>The factor L of a symmetric positive definite matrix A = L L', and what can be solved with it.</summary>
internal sealed class Cholesky
{
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
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var rest = matrix[row, column] - Matrix.Dot(factor.Row(row)[..column], factor.Row(column)[..column]);
                if (column < row)
                    factor[row, column] = rest / factor[column, column];
                else if (rest > 0)
                    factor[row, row] = Math.Sqrt(rest);
                else
                    return null;
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
        Parallel.For(
            0,
            right.Columns,
            column =>
            {
                var values = new double[right.Rows];
                for (var row = 0; row < values.Length; row++)
                    values[row] = right[row, column];
                Solve(values);
                for (var row = 0; row < values.Length; row++)
                    result[row, column] = values[row];
            }
        );
        return result;
    }

    /// <summary>The inverse of A.</summary>
    public Matrix Inverse() => Solve(Matrix.Identity(_factor.Rows));
}

using System.Numerics;

namespace Subp.Compression.Algebra;

/// <summary>A dense matrix of doubles, row by row.</summary>
internal sealed class Matrix
{
    public Matrix(int rows, int columns)
        : this(rows, columns, new double[rows * columns]) { }

    public Matrix(int rows, int columns, double[] values)
    {
        if (values.Length != rows * columns)
            throw new ArgumentException($"{values.Length} values for {rows} x {columns}.", nameof(values));
        Rows = rows;
        Columns = columns;
        Values = values;
    }

    public int Rows { get; }

    public int Columns { get; }

    public double[] Values { get; }

    public double this[int row, int column]
    {
        get => Values[(row * Columns) + column];
        set => Values[(row * Columns) + column] = value;
    }

    public static Matrix Identity(int size)
    {
        var result = new Matrix(size, size);
        for (var index = 0; index < size; index++)
            result[index, index] = 1;
        return result;
    }

    public static Matrix Diagonal(IReadOnlyList<double> values)
    {
        var result = new Matrix(values.Count, values.Count);
        for (var index = 0; index < values.Count; index++)
            result[index, index] = values[index];
        return result;
    }

    public Span<double> Row(int row) => Values.AsSpan(row * Columns, Columns);

    /// <summary>The sum of the diagonal.</summary>
    public double Trace()
    {
        double sum = 0;
        for (var index = 0; index < Math.Min(Rows, Columns); index++)
            sum += this[index, index];
        return sum;
    }

    /// <summary>The rows and columns of two lists of indices.</summary>
    public Matrix Take(IReadOnlyList<int> rows, IReadOnlyList<int> columns)
    {
        var result = new Matrix(rows.Count, columns.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < columns.Count; column++)
                result[row, column] = this[rows[row], columns[column]];
        }

        return result;
    }

    /// <summary>A copy with a number added along the diagonal.</summary>
    public Matrix WithRidge(double ridge)
    {
        var result = new Matrix(Rows, Columns, [.. Values]);
        for (var index = 0; index < Math.Min(Rows, Columns); index++)
            result[index, index] += ridge;
        return result;
    }

    /// <summary>The sum of the products of two lists of one length.</summary>
    public static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var sum = Vector<double>.Zero;
        var index = 0;
        for (; index <= left.Length - Vector<double>.Count; index += Vector<double>.Count)
            sum += new Vector<double>(left[index..]) * new Vector<double>(right[index..]);
        var total = Vector.Sum(sum);
        for (; index < left.Length; index++)
            total += left[index] * right[index];
        return total;
    }

    /// <summary>
    /// The sums of the products of one list with each of four, to the bits of
    /// <see cref="Dot(ReadOnlySpan{double}, ReadOnlySpan{double})"/>, with four chains of additions that do not wait for each other.
    /// </summary>
    public static void Dot(
        ReadOnlySpan<double> left,
        ReadOnlySpan<double> first,
        ReadOnlySpan<double> second,
        ReadOnlySpan<double> third,
        ReadOnlySpan<double> fourth,
        Span<double> totals
    )
    {
        var (a, b, c, d) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        var index = 0;
        for (; index <= left.Length - Vector<double>.Count; index += Vector<double>.Count)
        {
            var factor = new Vector<double>(left[index..]);
            a += factor * new Vector<double>(first[index..]);
            b += factor * new Vector<double>(second[index..]);
            c += factor * new Vector<double>(third[index..]);
            d += factor * new Vector<double>(fourth[index..]);
        }

        (totals[0], totals[1], totals[2], totals[3]) = (Vector.Sum(a), Vector.Sum(b), Vector.Sum(c), Vector.Sum(d));
        for (; index < left.Length; index++)
        {
            totals[0] += left[index] * first[index];
            totals[1] += left[index] * second[index];
            totals[2] += left[index] * third[index];
            totals[3] += left[index] * fourth[index];
        }
    }

    /// <summary>Adds a multiple of one list to another.</summary>
    public static void AddScaled(Span<double> target, double factor, ReadOnlySpan<double> source)
    {
        var factors = new Vector<double>(factor);
        var index = 0;
        for (; index <= target.Length - Vector<double>.Count; index += Vector<double>.Count)
            (new Vector<double>(target[index..]) + (factors * new Vector<double>(source[index..]))).CopyTo(target[index..]);
        for (; index < target.Length; index++)
            target[index] += factor * source[index];
    }

    /// <summary>Adds multiples of rows of a matrix to a list, in the order of the factors.</summary>
    /// <param name="target">At most as long as a row; the beginnings of the rows are added.</param>
    /// <param name="factors">One for each row.</param>
    /// <param name="source">The matrix.</param>
    /// <param name="rows">Which of its rows.</param>
    public static void AddScaledRows(Span<double> target, ReadOnlySpan<double> factors, Matrix source, ReadOnlySpan<int> rows)
    {
        var width = Vector<double>.Count;
        var index = 0;
        // Four vectors of the target stay in registers while all rows are added to them.
        for (; index <= target.Length - (4 * width); index += 4 * width)
        {
            var part = target.Slice(index, 4 * width);
            var first = new Vector<double>(part);
            var second = new Vector<double>(part[width..]);
            var third = new Vector<double>(part[(2 * width)..]);
            var fourth = new Vector<double>(part[(3 * width)..]);
            for (var row = 0; row < factors.Length; row++)
            {
                var added = source.Row(rows[row]).Slice(index, 4 * width);
                var factor = new Vector<double>(factors[row]);
                first += factor * new Vector<double>(added);
                second += factor * new Vector<double>(added[width..]);
                third += factor * new Vector<double>(added[(2 * width)..]);
                fourth += factor * new Vector<double>(added[(3 * width)..]);
            }

            first.CopyTo(part);
            second.CopyTo(part[width..]);
            third.CopyTo(part[(2 * width)..]);
            fourth.CopyTo(part[(3 * width)..]);
        }

        for (var row = 0; row < factors.Length; row++)
            AddScaled(target[index..], factors[row], source.Row(rows[row])[index..target.Length]);
    }
}

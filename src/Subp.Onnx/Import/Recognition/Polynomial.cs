using Subp.Core.Operators;

namespace Subp.Onnx.Import.Recognition;

/// <summary>
/// What a value is as a polynomial in another one, x, and a second one, t: coefficients of x^i * t^j. Exporters write the same function
/// with its factors in any order and its constants at any place; as polynomials all of these are equal.
/// </summary>
internal sealed class Polynomial
{
    private const int PowersOfFirst = 4;
    private const int PowersOfSecond = 2;
    private const int Depth = 8;

    // Constants are written with seven digits or more.
    private const double Tolerance = 1e-5;

    private readonly double[,] _coefficients = new double[PowersOfFirst, PowersOfSecond];

    private Polynomial() { }

    /// <summary>Reads what computes a value.</summary>
    /// <param name="node">The node at which the import is.</param>
    /// <param name="value">The value.</param>
    /// <param name="first">x.</param>
    /// <param name="second">t, or null.</param>
    /// <returns>Null where the value is no such polynomial, or one of a higher degree.</returns>
    public static Polynomial? Of(NodeContext node, GraphValue value, GraphValue first, GraphValue? second = null) =>
        Of(node, value, first, second, Depth);

    /// <summary>The product of two, or null where its degree is too high.</summary>
    public static Polynomial? Product(Polynomial? left, Polynomial? right)
    {
        if (left is null || right is null)
            return null;
        var product = new Polynomial();
        foreach (var (i, j, a) in left.Terms())
        {
            foreach (var (k, l, b) in right.Terms())
            {
                if (i + k >= PowersOfFirst || j + l >= PowersOfSecond)
                    return null;
                product._coefficients[i + k, j + l] += a * b;
            }
        }

        return product;
    }

    /// <summary>A quotient by a number, or null where the divisor is none.</summary>
    public static Polynomial? Quotient(Polynomial? dividend, Polynomial? divisor) =>
        divisor?.Number is { } number && number != 0 ? Product(dividend, Constant(1 / number)) : null;

    /// <summary>Whether it has these terms and no others; numbers are compared to five digits.</summary>
    public bool Is(params (int First, int Second, double Coefficient)[] expected)
    {
        var rest = new Polynomial();
        foreach (var (i, j, coefficient) in Terms())
            rest._coefficients[i, j] = coefficient;
        foreach (var (i, j, coefficient) in expected)
        {
            // Not the other way round: a coefficient that is no number is like none.
            if (!(Math.Abs(rest._coefficients[i, j] - coefficient) <= Tolerance * Math.Abs(coefficient)))
                return false;
            rest._coefficients[i, j] = 0;
        }

        return !rest.Terms().Any();
    }

    private double? Number => Terms().All(term => term is (0, 0, _)) ? _coefficients[0, 0] : null;

    private static Polynomial? Of(NodeContext node, GraphValue value, GraphValue first, GraphValue? second, int depth)
    {
        if (value.Name == first.Name)
            return Term(1, 0);
        if (value.Name == second?.Name)
            return Term(0, 1);
        if (value.Constant is { Count: 1 } constant && value.Shape.Rank <= first.Shape.Rank)
            return Constant(constant.ToScalar());
        if (depth == 0 || !value.Shape.Equals(first.Shape) || node.Producer(value) is not var (@operator, inputs))
            return null;
        Polynomial? Operand(int index) => Of(node, inputs[index], first, second, depth - 1);
        return @operator switch
        {
            BatchNorm norm when node.UniformFactors(norm) is var (scale, shift) => Sum(
                Product(Operand(0), Constant(scale)),
                Constant(shift)
            ),
            Add { Activation.Word: "none" } => Sum(Operand(0), Operand(1)),
            Mul { Activation.Word: "none" } => Product(Operand(0), Operand(1)),
            Binary { Kind: BinaryKind.Subtract } => Sum(Operand(0), Product(Operand(1), Constant(-1))),
            Binary { Kind: BinaryKind.Divide } => Quotient(Operand(0), Operand(1)),
            Binary { Kind: BinaryKind.Power } => Power(Operand(0), Operand(1)?.Number),
            _ => null,
        };
    }

    private static Polynomial? Sum(Polynomial? left, Polynomial? right)
    {
        if (left is null || right is null)
            return null;
        var sum = new Polynomial();
        foreach (var (i, j, coefficient) in left.Terms().Concat(right.Terms()))
            sum._coefficients[i, j] += coefficient;
        return sum;
    }

    private static Polynomial? Power(Polynomial? @base, double? exponent) =>
        exponent switch
        {
            2 => Product(@base, @base),
            3 => Product(Product(@base, @base), @base),
            _ => null,
        };

    private static Polynomial Constant(double number) => Term(0, 0, number);

    private static Polynomial Term(int first, int second, double coefficient = 1)
    {
        var term = new Polynomial();
        term._coefficients[first, second] = coefficient;
        return term;
    }

    private IEnumerable<(int First, int Second, double Coefficient)> Terms()
    {
        for (var i = 0; i < PowersOfFirst; i++)
        {
            for (var j = 0; j < PowersOfSecond; j++)
            {
                if (_coefficients[i, j] != 0)
                    yield return (i, j, _coefficients[i, j]);
            }
        }
    }
}

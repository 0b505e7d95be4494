using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// An element-wise function of two values under the rules of <see cref="ShapeContext.Broadcast"/>. Sums and products are operators of their
/// own, <see cref="Add"/> and <see cref="Mul"/>.
/// </summary>
public sealed record Binary : Operator
{
    private static readonly string[] Words =
    [
        "sub",
        "div",
        "pow",
        "minimum",
        "maximum",
        "prelu",
        "modulo",
        "remainder",
        "greater",
        "greater_or_equal",
        "less",
        "less_or_equal",
        "equal",
        "and",
        "or",
        "xor",
    ];

    /// <summary>The function.</summary>
    public required BinaryKind Kind { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => Words[(int)Kind];

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (2, 2);

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context) => context.Broadcast(context.Inputs);

    /// <summary>Applies the function to two elements. A NaN stays a NaN; masks are 0 and 1.</summary>
    public double Apply(double left, double right) =>
        Kind switch
        {
            BinaryKind.Subtract => left - right,
            BinaryKind.Divide => left / right,
            BinaryKind.Power => Math.Pow(left, right),
            BinaryKind.Minimum => Math.Min(left, right),
            BinaryKind.Maximum => Math.Max(left, right),
            BinaryKind.ParametricRelu => left < 0 ? left * right : left,
            BinaryKind.Modulo => left - (Math.Floor(left / right) * right),
            BinaryKind.Remainder => left % right,
            BinaryKind.Greater => Mask(left > right),
            BinaryKind.GreaterOrEqual => Mask(left >= right),
            BinaryKind.Less => Mask(left < right),
            BinaryKind.LessOrEqual => Mask(left <= right),
            BinaryKind.Equal => Mask(left == right),
            BinaryKind.And => Mask(left != 0 && right != 0),
            BinaryKind.Or => Mask(left != 0 || right != 0),
            _ => Mask((left != 0) != (right != 0)),
        };

    internal static IEnumerable<KeyValuePair<string, Func<IAttributeReader, Operator>>> Readers =>
        Words.Select(
            (word, kind) => new KeyValuePair<string, Func<IAttributeReader, Operator>>(word, _ => new Binary { Kind = (BinaryKind)kind })
        );

    private static double Mask(bool condition) => condition ? 1 : 0;
}

/// <summary>The function of a <see cref="Binary"/>.</summary>
public enum BinaryKind
{
    /// <summary>a - b.</summary>
    Subtract,

    /// <summary>a / b.</summary>
    Divide,

    /// <summary>a to the power of b.</summary>
    Power,

    /// <summary>The smaller one.</summary>
    Minimum,

    /// <summary>The larger one.</summary>
    Maximum,

    /// <summary>a where a &gt;= 0, else a * b: the slope is the second input.</summary>
    ParametricRelu,

    /// <summary>a - floor(a / b) * b: the sign is that of b.</summary>
    Modulo,

    /// <summary>The remainder of a / b rounded towards zero: the sign is that of a.</summary>
    Remainder,

    /// <summary>1 where a &gt; b, else 0.</summary>
    Greater,

    /// <summary>1 where a &gt;= b, else 0.</summary>
    GreaterOrEqual,

    /// <summary>1 where a &lt; b, else 0.</summary>
    Less,

    /// <summary>1 where a &lt;= b, else 0.</summary>
    LessOrEqual,

    /// <summary>1 where a = b, else 0.</summary>
    Equal,

    /// <summary>1 where neither is 0, else 0.</summary>
    And,

    /// <summary>1 where one is not 0, else 0.</summary>
    Or,

    /// <summary>1 where exactly one is not 0, else 0.</summary>
    ExclusiveOr,
}

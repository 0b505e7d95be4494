namespace Subp.Core.Operators;

/// <summary>The family of an element-wise function.</summary>
public enum ActivationKind
{
    /// <summary>min(max(x, minimum), maximum); with infinite bounds the identity.</summary>
    Clamp,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>min(max(alpha * x + beta, 0), 1).</summary>
    HardSigmoid,

    /// <summary>x * min(max(x + 3, 0), 6) / 6.</summary>
    HardSwish,

    /// <summary>x / (1 + exp(-x)), also called swish.</summary>
    Silu,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>x where x &gt; 0, else alpha * (exp(x) - 1).</summary>
    Elu,

    /// <summary>x where x &gt; 0, else alpha * (exp(x / alpha) - 1).</summary>
    Celu,

    /// <summary>beta * x where x &gt; 0, else beta * alpha * (exp(x) - 1).</summary>
    Selu,

    /// <summary>x where x &gt;= 0, else alpha * x.</summary>
    LeakyRelu,

    /// <summary>x where x &gt; alpha, else 0.</summary>
    ThresholdedRelu,

    /// <summary>x + beta where x &lt; -alpha, x - beta where x &gt; alpha, else 0.</summary>
    Shrink,

    /// <summary>ln(1 + exp(x)).</summary>
    Softplus,

    /// <summary>x / (1 + |x|).</summary>
    Softsign,

    /// <summary>x * tanh(ln(1 + exp(x))).</summary>
    Mish,

    /// <summary>x * (1 + erf(x / sqrt(2))) / 2.</summary>
    Gelu,

    /// <summary>x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2, the approximation of <see cref="Gelu"/>.</summary>
    GeluTanh,

    /// <summary>The error function.</summary>
    Erf,

    /// <summary>e to the power of x.</summary>
    Exp,

    /// <summary>The natural logarithm.</summary>
    Log,

    /// <summary>The square root.</summary>
    Sqrt,

    /// <summary>1 / x.</summary>
    Reciprocal,

    /// <summary>|x|.</summary>
    Abs,

    /// <summary>-x.</summary>
    Neg,

    /// <summary>The largest integer that is not above x.</summary>
    Floor,

    /// <summary>The smallest integer that is not below x.</summary>
    Ceil,

    /// <summary>The nearest integer; of two that are equally near the even one.</summary>
    Round,

    /// <summary>The integer part: x rounded towards zero.</summary>
    Truncate,

    /// <summary>-1, 0 or 1; a NaN stays a NaN.</summary>
    Sign,

    /// <summary>1 where x is 0, else 0: the negation of a mask.</summary>
    Not,

    /// <summary>1 where x is not a number, else 0.</summary>
    IsNaN,

    /// <summary>The sine of x in radians.</summary>
    Sin,

    /// <summary>The cosine of x in radians.</summary>
    Cos,

    /// <summary>The tangent of x in radians.</summary>
    Tan,

    /// <summary>The angle whose sine is x.</summary>
    Asin,

    /// <summary>The angle whose cosine is x.</summary>
    Acos,

    /// <summary>The angle whose tangent is x.</summary>
    Atan,

    /// <summary>The hyperbolic sine.</summary>
    Sinh,

    /// <summary>The hyperbolic cosine.</summary>
    Cosh,

    /// <summary>The inverse hyperbolic sine.</summary>
    Asinh,

    /// <summary>The inverse hyperbolic cosine.</summary>
    Acosh,

    /// <summary>The inverse hyperbolic tangent.</summary>
    Atanh,
}

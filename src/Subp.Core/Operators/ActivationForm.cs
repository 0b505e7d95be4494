namespace Subp.Core.Operators;

/// <summary>The word of an activation that is no clamp, and the defaults of the numbers it has; null where it has none.</summary>
internal sealed record ActivationForm(ActivationKind Kind, string Word, float? Alpha = null, float? Beta = null)
{
    /// <summary>Every kind but the clamps, in the order of <see cref="ActivationKind"/>.</summary>
    public static readonly IReadOnlyList<ActivationForm> All =
    [
        new(ActivationKind.Sigmoid, "sigmoid"),
        new(ActivationKind.HardSigmoid, "hard_sigmoid", Activation.DefaultAlpha, Activation.DefaultBeta),
        new(ActivationKind.HardSwish, "hard_swish"),
        new(ActivationKind.Silu, "silu"),
        new(ActivationKind.Tanh, "tanh"),
        new(ActivationKind.Elu, "elu", 1),
        new(ActivationKind.Celu, "celu", 1),
        new(ActivationKind.Selu, "selu", 1.67326319f, 1.05070102f),
        new(ActivationKind.LeakyRelu, "leaky_relu", 0.01f),
        new(ActivationKind.ThresholdedRelu, "thresholded_relu", 1),
        new(ActivationKind.Shrink, "shrink", 0.5f, 0),
        new(ActivationKind.Softplus, "softplus"),
        new(ActivationKind.Softsign, "softsign"),
        new(ActivationKind.Mish, "mish"),
        new(ActivationKind.Gelu, "gelu"),
        new(ActivationKind.GeluTanh, "gelu_tanh"),
        new(ActivationKind.Erf, "erf"),
        new(ActivationKind.Exp, "exp"),
        new(ActivationKind.Log, "log"),
        new(ActivationKind.Sqrt, "sqrt"),
        new(ActivationKind.Reciprocal, "reciprocal"),
        new(ActivationKind.Abs, "abs"),
        new(ActivationKind.Neg, "neg"),
        new(ActivationKind.Floor, "floor"),
        new(ActivationKind.Ceil, "ceil"),
        new(ActivationKind.Round, "round"),
        new(ActivationKind.Truncate, "truncate"),
        new(ActivationKind.Sign, "sign"),
        new(ActivationKind.Not, "not"),
        new(ActivationKind.IsNaN, "is_nan"),
        new(ActivationKind.Sin, "sin"),
        new(ActivationKind.Cos, "cos"),
        new(ActivationKind.Tan, "tan"),
        new(ActivationKind.Asin, "asin"),
        new(ActivationKind.Acos, "acos"),
        new(ActivationKind.Atan, "atan"),
        new(ActivationKind.Sinh, "sinh"),
        new(ActivationKind.Cosh, "cosh"),
        new(ActivationKind.Asinh, "asinh"),
        new(ActivationKind.Acosh, "acosh"),
        new(ActivationKind.Atanh, "atanh"),
    ];

    /// <summary>The form of a kind that is no clamp.</summary>
    public static ActivationForm Of(ActivationKind kind) => All[(int)kind - 1];

    /// <summary>The activation with given numbers, or the defaults where they are null.</summary>
    public Activation With(float? alpha, float? beta) =>
        Activation.None with
        {
            Kind = Kind,
            Alpha = Alpha is null ? 0 : alpha ?? Alpha.Value,
            Beta = Beta is null ? 0 : beta ?? Beta.Value,
        };

    /// <summary>Reads the numbers that the kind has.</summary>
    public Activation Read(IAttributeReader reader) =>
        With(Alpha is { } alpha ? reader.Real("alpha", alpha) : null, Beta is { } beta ? reader.Real("beta", beta) : null);
}

using Subp.Core.Text;

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
}

/// <summary>
/// An element-wise function that a layer applies to its result: none, ReLU or another clamp, or a member of the sigmoid family. It stands
/// alone as <see cref="Activate"/>.
/// </summary>
/// <param name="Minimum">Clamps only: the lower bound; negative infinity for none and for every other kind.</param>
/// <param name="Maximum">Clamps only: the upper bound; positive infinity for none and for every other kind.</param>
public readonly record struct Activation(float Minimum, float Maximum)
{
    /// <summary>The slope of a hard sigmoid that names none, as in ONNX.</summary>
    public const float DefaultAlpha = 0.2f;

    /// <summary>The offset of a hard sigmoid that names none, as in ONNX.</summary>
    public const float DefaultBeta = 0.5f;

    /// <summary>The identity.</summary>
    public static readonly Activation None = new(float.NegativeInfinity, float.PositiveInfinity);

    /// <summary>max(x, 0).</summary>
    public static readonly Activation Relu = new(0, float.PositiveInfinity);

    /// <summary>min(max(x, 0), 6).</summary>
    public static readonly Activation Relu6 = new(0, 6);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static readonly Activation Sigmoid = None with { Kind = ActivationKind.Sigmoid };

    /// <summary>x * min(max(x + 3, 0), 6) / 6.</summary>
    public static readonly Activation HardSwish = None with { Kind = ActivationKind.HardSwish };

    /// <summary>x / (1 + exp(-x)).</summary>
    public static readonly Activation Silu = None with { Kind = ActivationKind.Silu };

    // The words that follow "activation=" in the text form.
    internal static readonly string[] Words = ["none", "relu", "relu6", "clip", "sigmoid", "hard_sigmoid", "hard_swish", "silu"];

    /// <summary>The family; clamps are the default.</summary>
    public ActivationKind Kind { get; init; }

    /// <summary>Hard sigmoids only: the slope; 0 for every other kind.</summary>
    public float Alpha { get; init; }

    /// <summary>Hard sigmoids only: the offset; 0 for every other kind.</summary>
    public float Beta { get; init; }

    /// <summary>True for the identity, ReLU and every other clamp: what two bounds describe in full.</summary>
    public bool IsClamp => Kind == ActivationKind.Clamp;

    /// <summary>
    /// The word used in kernel names and in the text form: <c>none</c>, <c>relu</c>, <c>relu6</c>, <c>clip</c>, <c>sigmoid</c>,
    /// <c>hard_sigmoid</c>, <c>hard_swish</c> or <c>silu</c>.
    /// </summary>
    public string Word =>
        Kind switch
        {
            ActivationKind.Sigmoid => "sigmoid",
            ActivationKind.HardSigmoid => "hard_sigmoid",
            ActivationKind.HardSwish => "hard_swish",
            ActivationKind.Silu => "silu",
            _ => this == None ? "none"
            : this == Relu ? "relu"
            : this == Relu6 ? "relu6"
            : "clip",
        };

    /// <summary>min(max(alpha * x + beta, 0), 1). PyTorch's hard sigmoid has the slope 1/6 and the offset 0.5.</summary>
    public static Activation HardSigmoid(float alpha = DefaultAlpha, float beta = DefaultBeta) =>
        None with
        {
            Kind = ActivationKind.HardSigmoid,
            Alpha = alpha,
            Beta = beta,
        };

    /// <summary>Applies the function to one value.</summary>
    public double Apply(double value) =>
        Kind switch
        {
            ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-value)),
            ActivationKind.HardSigmoid => Math.Min(Math.Max((Alpha * value) + Beta, 0), 1),
            ActivationKind.HardSwish => value * Math.Min(Math.Max(value + 3, 0), 6) / 6,
            ActivationKind.Silu => value / (1 + Math.Exp(-value)),
            _ => Math.Min(Math.Max(value, Minimum), Maximum),
        };

    /// <summary>The word, with the bounds of a clip or the slope and offset of a hard sigmoid.</summary>
    public override string ToString() =>
        Word switch
        {
            "clip" => $"clip[{FloatText.Format(Minimum)},{FloatText.Format(Maximum)}]",
            "hard_sigmoid" => $"hard_sigmoid[{FloatText.Format(Alpha)},{FloatText.Format(Beta)}]",
            var word => word,
        };

    internal void Validate(ShapeContext context)
    {
        if (!(Minimum <= Maximum))
            throw context.Error($"the range {FloatText.Format(Minimum)} to {FloatText.Format(Maximum)}", "minimum <= maximum");
        if (!IsFinite(Alpha) || !IsFinite(Beta))
            throw context.Error($"the hard sigmoid {FloatText.Format(Alpha)} * x + {FloatText.Format(Beta)}", "finite numbers");
    }

    internal void Write(IAttributeWriter writer)
    {
        if (this == None)
            return;
        writer.Write("activation", Word);
        if (Word == "clip")
        {
            writer.Write("minimum", Minimum);
            writer.Write("maximum", Maximum);
        }

        WriteSlope(writer);
    }

    internal void WriteSlope(IAttributeWriter writer)
    {
        if (Kind != ActivationKind.HardSigmoid)
            return;
        if (Alpha != DefaultAlpha)
            writer.Write("alpha", Alpha);
        if (Beta != DefaultBeta)
            writer.Write("beta", Beta);
    }

    internal static Activation Read(IAttributeReader reader) =>
        reader.Word("activation", Words) switch
        {
            "relu" => Relu,
            "relu6" => Relu6,
            "clip" => ReadBounds(reader),
            "sigmoid" => Sigmoid,
            "hard_sigmoid" => ReadSlope(reader),
            "hard_swish" => HardSwish,
            "silu" => Silu,
            _ => None,
        };

    internal static Activation ReadBounds(IAttributeReader reader) =>
        new(reader.Real("minimum", float.NegativeInfinity), reader.Real("maximum", float.PositiveInfinity));

    internal static Activation ReadSlope(IAttributeReader reader) =>
        HardSigmoid(reader.Real("alpha", DefaultAlpha), reader.Real("beta", DefaultBeta));

    private static bool IsFinite(float value) => !float.IsNaN(value) && !float.IsInfinity(value);
}

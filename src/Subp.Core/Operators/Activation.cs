using Subp.Core.Text;

namespace Subp.Core.Operators;

/// <summary>
/// An element-wise function that a layer applies to its result: none, ReLU or another clamp, or another <see cref="ActivationKind"/>. It
/// stands
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
    internal static readonly string[] Words = ["none", "relu", "relu6", "clip", .. ActivationForm.All.Select(form => form.Word)];

    /// <summary>The family; clamps are the default.</summary>
    public ActivationKind Kind { get; init; }

    /// <summary>The number that <see cref="ActivationKind"/> calls alpha; 0 for every kind without it.</summary>
    public float Alpha { get; init; }

    /// <summary>The number that <see cref="ActivationKind"/> calls beta; 0 for every kind without it.</summary>
    public float Beta { get; init; }

    /// <summary>True for the identity, ReLU and every other clamp: what two bounds describe in full.</summary>
    public bool IsClamp => Kind == ActivationKind.Clamp;

    /// <summary>
    /// The word used in kernel names and in the text form: <c>none</c>, <c>relu</c>, <c>relu6</c> or <c>clip</c> for a clamp, else the name
    /// of the kind in lower case, such as <c>hard_sigmoid</c>.
    /// </summary>
    public string Word =>
        !IsClamp ? ActivationForm.Of(Kind).Word
        : this == None ? "none"
        : this == Relu ? "relu"
        : this == Relu6 ? "relu6"
        : "clip";

    /// <summary>An activation that is no clamp, with the numbers of its kind or their defaults as in ONNX.</summary>
    public static Activation Of(ActivationKind kind, float? alpha = null, float? beta = null) => ActivationForm.Of(kind).With(alpha, beta);

    /// <summary>min(max(alpha * x + beta, 0), 1). PyTorch's hard sigmoid has the slope 1/6 and the offset 0.5.</summary>
    public static Activation HardSigmoid(float alpha = DefaultAlpha, float beta = DefaultBeta) =>
        None with
        {
            Kind = ActivationKind.HardSigmoid,
            Alpha = alpha,
            Beta = beta,
        };

    /// <summary>Applies the function to one value.</summary>
    public double Apply(double value) => ScalarFunctions.Apply(this, value);

    /// <summary>The word, with the bounds of a clip or the numbers of a kind that has some.</summary>
    public override string ToString()
    {
        if (Word == "clip")
            return $"clip[{FloatText.Format(Minimum)},{FloatText.Format(Maximum)}]";
        if (IsClamp || ActivationForm.Of(Kind) is not { Alpha: not null } form)
            return Word;
        return form.Beta is null ? $"{Word}[{FloatText.Format(Alpha)}]" : $"{Word}[{FloatText.Format(Alpha)},{FloatText.Format(Beta)}]";
    }

    internal void Validate(ShapeContext context)
    {
        if (!(Minimum <= Maximum))
            throw context.Error($"the range {FloatText.Format(Minimum)} to {FloatText.Format(Maximum)}", "minimum <= maximum");
        if (!IsFinite(Alpha) || !IsFinite(Beta))
            throw context.Error($"the activation {this}", "finite numbers");
        if (Kind == ActivationKind.Celu && Alpha == 0)
            throw context.Error($"the activation {this}", "a number to divide by other than 0");
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

        WriteNumbers(writer);
    }

    internal void WriteNumbers(IAttributeWriter writer)
    {
        if (IsClamp)
            return;
        var form = ActivationForm.Of(Kind);
        if (form.Alpha is { } alpha && Alpha != alpha)
            writer.Write("alpha", Alpha);
        if (form.Beta is { } beta && Beta != beta)
            writer.Write("beta", Beta);
    }

    internal static Activation Read(IAttributeReader reader) =>
        reader.Word("activation", Words) switch
        {
            null or "none" => None,
            "relu" => Relu,
            "relu6" => Relu6,
            "clip" => ReadBounds(reader),
            var word => ActivationForm.All.First(form => form.Word == word).Read(reader),
        };

    internal static Activation ReadBounds(IAttributeReader reader) =>
        new(reader.Real("minimum", float.NegativeInfinity), reader.Real("maximum", float.PositiveInfinity));

    private static bool IsFinite(float value) => !float.IsNaN(value) && !float.IsInfinity(value);
}

using Subp.Core.Text;

namespace Subp.Core.Operators;

/// <summary>An element-wise clamp that a convolution, a linear layer or an addition applies to its result: none, ReLU, or a range.</summary>
/// <param name="Minimum">The lower bound; negative infinity for none.</param>
/// <param name="Maximum">The upper bound; positive infinity for none.</param>
public readonly record struct Activation(float Minimum, float Maximum)
{
    /// <summary>The identity.</summary>
    public static readonly Activation None = new(float.NegativeInfinity, float.PositiveInfinity);

    /// <summary>max(x, 0).</summary>
    public static readonly Activation Relu = new(0, float.PositiveInfinity);

    /// <summary>min(max(x, 0), 6).</summary>
    public static readonly Activation Relu6 = new(0, 6);

    /// <summary>The word used in kernel names: <c>none</c>, <c>relu</c>, <c>relu6</c> or <c>clip</c>.</summary>
    public string Word => this == None ? "none" : this == Relu ? "relu" : this == Relu6 ? "relu6" : "clip";

    /// <summary>Applies the clamp to one value.</summary>
    public double Apply(double value) => Math.Min(Math.Max(value, Minimum), Maximum);

    /// <summary>The word, with the bounds of a clip.</summary>
    public override string ToString() =>
        Word == "clip" ? $"clip[{FloatText.Format(Minimum)},{FloatText.Format(Maximum)}]" : Word;

    internal void Validate(ShapeContext context)
    {
        if (!(Minimum <= Maximum))
            throw context.Error($"the range {FloatText.Format(Minimum)} to {FloatText.Format(Maximum)}", "minimum <= maximum");
    }

    internal void Write(IAttributeWriter writer)
    {
        if (this == None)
            return;
        writer.Write("activation", Word);
        if (Word != "clip")
            return;
        writer.Write("minimum", Minimum);
        writer.Write("maximum", Maximum);
    }

    internal static Activation Read(IAttributeReader reader) => reader.Word("activation", ["none", "relu", "relu6", "clip"]) switch
    {
        "relu" => Relu,
        "relu6" => Relu6,
        "clip" => new Activation(reader.Real("minimum", float.NegativeInfinity), reader.Real("maximum", float.PositiveInfinity)),
        _ => None,
    };
}

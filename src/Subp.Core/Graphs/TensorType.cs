namespace Subp.Core.Graphs;

/// <summary>The type of a value: single-precision numbers, or bytes with what they stand for.</summary>
public sealed record TensorType
{
    /// <summary>Single-precision numbers, the default.</summary>
    public static readonly TensorType Float32 = new();

    private TensorType() { }

    /// <summary>Unsigned bytes of a quantisation.</summary>
    public TensorType(Quantization quantization) => Quantization = quantization;

    /// <summary>What one element is: a single-precision number or an unsigned byte.</summary>
    public ElementType Element => Quantization is null ? ElementType.Float32 : ElementType.UInt8;

    /// <summary>What the bytes stand for; null for single-precision numbers.</summary>
    public Quantization? Quantization { get; }

    /// <summary>The type for messages: <c>f32</c>, or for example <c>u8(0.0235,3)</c>.</summary>
    public override string ToString() => ElementTypes.Word(Element) + Quantization;
}

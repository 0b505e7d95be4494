namespace Subp.Core.Graphs;

/// <summary>What one element of a value or a parameter is.</summary>
public enum ElementType
{
    /// <summary>A single-precision number.</summary>
    Float32,

    /// <summary>An unsigned byte: a value inside a quantised network, or a constant of one.</summary>
    UInt8,

    /// <summary>A signed byte: the weights of an integer layer.</summary>
    Int8,

    /// <summary>A signed 32-bit integer: the biases of an integer layer.</summary>
    Int32,
}

/// <summary>Size and words of element types.</summary>
public static class ElementTypes
{
    /// <summary>The number of bytes of one element.</summary>
    public static int SizeOf(ElementType element) => element is ElementType.UInt8 or ElementType.Int8 ? 1 : sizeof(int);

    /// <summary>The word in .subp text: <c>f32</c>, <c>u8</c>, <c>s8</c> or <c>s32</c>.</summary>
    public static string Word(ElementType element) =>
        element switch
        {
            ElementType.UInt8 => "u8",
            ElementType.Int8 => "s8",
            ElementType.Int32 => "s32",
            _ => "f32",
        };

    /// <summary>The word in .safetensors files: <c>F32</c>, <c>U8</c>, <c>I8</c> or <c>I32</c>.</summary>
    public static string StoredWord(ElementType element) =>
        element switch
        {
            ElementType.UInt8 => "U8",
            ElementType.Int8 => "I8",
            ElementType.Int32 => "I32",
            _ => "F32",
        };
}

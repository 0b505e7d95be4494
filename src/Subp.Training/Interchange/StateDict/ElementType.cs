namespace Subp.Training.Interchange.StateDict;

/// <summary>A type of tensor elements that state dictionaries hold.</summary>
/// <param name="Name">The name in PyTorch, for example <c>float32</c>.</param>
/// <param name="Bytes">The bytes of one element.</param>
/// <param name="Storage">The class of PyTorch that stores it, for example <c>FloatStorage</c>.</param>
/// <param name="Safetensors">The name in .safetensors files, for example <c>F32</c>.</param>
public sealed record ElementType(string Name, int Bytes, string Storage, string Safetensors)
{
    /// <summary>Single precision: what parameters are computed with.</summary>
    public static ElementType Float32 { get; } = new("float32", 4, "FloatStorage", "F32");

    /// <summary>All types.</summary>
    public static IReadOnlyList<ElementType> All { get; } =
    [
        Float32,
        new("float16", 2, "HalfStorage", "F16"),
        new("bfloat16", 2, "BFloat16Storage", "BF16"),
        new("float64", 8, "DoubleStorage", "F64"),
        new("int64", 8, "LongStorage", "I64"),
        new("int32", 4, "IntStorage", "I32"),
        new("int16", 2, "ShortStorage", "I16"),
        new("int8", 1, "CharStorage", "I8"),
        new("uint8", 1, "ByteStorage", "U8"),
        new("bool", 1, "BoolStorage", "BOOL"),
    ];

    /// <inheritdoc/>
    public override string ToString() => Name;
}

using System.Buffers.Binary;

namespace Subp.Core.Weights;

/// <summary>The contents of a .safetensors file whose header has been checked; the values stay in the bytes they were read from.</summary>
/// <param name="Metadata">The text entries of the header.</param>
/// <param name="Tensors">The tensors in the order of their values.</param>
public sealed record SafetensorsFile(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<SafetensorsTensor> Tensors)
{
    /// <summary>A tensor by name, or null.</summary>
    public SafetensorsTensor? Find(string name) => Tensors.FirstOrDefault(tensor => tensor.Name == name);
}

/// <summary>One tensor of a .safetensors file.</summary>
/// <param name="Name">The name.</param>
/// <param name="ElementType">The element type as written in the file: F32, BF16, I64 and so on.</param>
/// <param name="Shape">The dimensions, outermost first; zero is possible.</param>
/// <param name="Bytes">The values, little-endian; exactly as many as shape and type ask for.</param>
public sealed record SafetensorsTensor(string Name, string ElementType, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>True for the floating-point types that <see cref="ToFloats"/> converts.</summary>
    public bool IsConvertible => ElementType is "F16" or "BF16" or "F32" or "F64";

    /// <summary>A copy of the values as single-precision numbers.</summary>
    /// <exception cref="InvalidOperationException">The element type is not a floating-point type.</exception>
    public float[] ToFloats()
    {
        var bytes = Bytes.Span;
        switch (ElementType)
        {
            case "F32":
                var single = new float[bytes.Length / sizeof(float)];
                for (var index = 0; index < single.Length; index++)
                    single[index] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(index * sizeof(float))..]);
                return single;
            case "F16":
                var half = new float[bytes.Length / 2];
                for (var index = 0; index < half.Length; index++)
                    half[index] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(index * 2)..]);
                return half;
            case "BF16":
                var brain = new float[bytes.Length / 2];
                for (var index = 0; index < brain.Length; index++)
                    brain[index] = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(index * 2)..]) << 16);
                return brain;
            case "F64":
                var real = new float[bytes.Length / sizeof(double)];
                for (var index = 0; index < real.Length; index++)
                    real[index] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(index * sizeof(double))..]);
                return real;
            default:
                throw new InvalidOperationException($"The tensor '{Name}' of type {ElementType} does not hold floating-point numbers.");
        }
    }
}

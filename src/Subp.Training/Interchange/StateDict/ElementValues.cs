using System.Buffers.Binary;

namespace Subp.Training.Interchange.StateDict;

/// <summary>Reads elements of any type as single-precision numbers.</summary>
internal static class ElementValues
{
    /// <summary>The element that starts at the front of some bytes, rounded to the nearest single-precision number.</summary>
    public static float Read(ElementType type, ReadOnlySpan<byte> bytes) =>
        type.Safetensors switch
        {
            "F32" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            "BF16" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
            "F64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            "I64" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            "I32" => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            "I16" => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            "I8" => (sbyte)bytes[0],
            "U8" => bytes[0],
            "BOOL" => bytes[0] == 0 ? 0 : 1,
            _ => throw new InvalidOperationException($"There are no numbers of type {type}."),
        };
}

using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Subp.Onnx.Export;

/// <summary>The bytes of numbers as ONNX files store them, where they lie: weights are written without a copy of them.</summary>
internal sealed class FloatBytes : MemoryManager<byte>
{
    private readonly float[] _values;

    private FloatBytes(float[] values) => _values = values;

    /// <summary>The little-endian bytes of numbers; a copy only where the processor has another order.</summary>
    public static ReadOnlyMemory<byte> Of(float[] values)
    {
        if (BitConverter.IsLittleEndian)
            return new FloatBytes(values).Memory;
        var bytes = new byte[values.Length * sizeof(float)];
        for (var index = 0; index < values.Length; index++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * sizeof(float)), values[index]);
        return bytes;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(_values.AsSpan());

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("Nothing pins the bytes of a weight.");

    /// <inheritdoc/>
    public override void Unpin() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) { }
}

using System.Runtime.InteropServices;

namespace Subp.Training.Engines.Embedded;

/// <summary>
/// Zeroed floats outside the garbage collected heap, aligned to a cache line, so that no 64-byte vector straddles two lines.
/// </summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private const int Alignment = 64;

    /// <summary>Allocates <paramref name="length"/> floats and sets them to zero.</summary>
    public AlignedBuffer(long length)
    {
        Length = length;
        nuint bytes = (nuint)(Math.Max(length, 1) * sizeof(float));
        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(Pointer, bytes);
        GC.AddMemoryPressure((long)bytes);
    }

    /// <summary>Frees memory that nobody disposed of.</summary>
    ~AlignedBuffer() => Free();

    /// <summary>The first float.</summary>
    public float* Pointer { get; private set; }

    /// <summary>The number of floats.</summary>
    public long Length { get; }

    /// <summary>All floats.</summary>
    public Span<float> Span => new(Pointer, checked((int)Length));

    /// <summary>Sets all floats to zero.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)(Length * sizeof(float)));

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Pointer != null)
        {
            NativeMemory.AlignedFree(Pointer);
            Pointer = null;
            GC.RemoveMemoryPressure(Math.Max(Length, 1) * sizeof(float));
        }
    }
}

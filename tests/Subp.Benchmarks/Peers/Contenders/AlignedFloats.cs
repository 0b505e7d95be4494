using System.Runtime.InteropServices;

namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>
/// Floats outside the managed heap, at the start of a cache line, which native code may hold on to. They are zero at first.
/// </summary>
internal sealed unsafe class AlignedFloats : IDisposable
{
    private const nuint CacheLine = 64;
    private readonly int _length;
    private float* _floats;

    /// <summary>Takes memory.</summary>
    public AlignedFloats(int length)
    {
        _length = length;
        _floats = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), CacheLine);
        Span.Clear();
    }

    /// <summary>The address of the first.</summary>
    public float* Pointer => _floats;

    /// <summary>The floats.</summary>
    public Span<float> Span => new(_floats, _length);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_floats);
        _floats = null;
    }
}

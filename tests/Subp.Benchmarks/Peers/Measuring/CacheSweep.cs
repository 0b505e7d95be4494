using System.Runtime.CompilerServices;
using Subp.Benchmarks.Peers.Contenders;

namespace Subp.Benchmarks.Peers.Measuring;

/// <summary>
/// Brings the caches into the state that a layer finds in a network: the layers before it have pushed its weights out of the caches of the
/// core, and the last of them has left the input there. A loop over one layer would keep its weights warm and flatter everyone, most of all
/// whoever has the most weights.
/// </summary>
internal sealed class CacheSweep : IDisposable
{
    /// <summary>The bytes that are read: several times what the caches of one core hold, less than most last-level caches.</summary>
    public const int Bytes = 8 << 20;

    private const int FloatsPerLine = 16;
    private readonly AlignedFloats _memory = new(Bytes / sizeof(float));

    /// <summary>Reads the memory, then the input of a contender.</summary>
    public void Before(IContender contender)
    {
        Read(_memory.Span);
        Read(contender.Input);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    // Called and not inlined, so that the reads of a sum that nobody wants are not dropped.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Read(ReadOnlySpan<float> floats)
    {
        var sum = 0f;
        for (var index = 0; index < floats.Length; index += FloatsPerLine)
            sum += floats[index];
        return sum;
    }
}

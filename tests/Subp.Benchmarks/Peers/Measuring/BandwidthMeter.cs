using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Subp.Benchmarks.Peers.Contenders;
using Subp.Tooling.Benchmarking;

namespace Subp.Benchmarks.Peers.Measuring;

/// <summary>
/// How fast one thread reads what the caches of its core cannot hold: the bound of layers whose input and output are larger than those,
/// whatever multiplies them.
/// </summary>
internal sealed unsafe class BandwidthMeter : IDisposable
{
    private const int Passes = 4;
    private readonly AlignedFloats _memory = new(CacheSweep.Bytes / sizeof(float));
    private readonly List<double> _rounds = [];

    /// <summary>The fastest tenth of the rounds, in bytes per microsecond.</summary>
    public double BytesPerMicrosecond => Timing.Of(_rounds).High;

    /// <summary>Measures one round: the best of a few passes over as much memory as a <see cref="CacheSweep"/> reads.</summary>
    public void Measure()
    {
        double best = 0;
        for (var pass = 0; pass < Passes; pass++)
        {
            var start = Stopwatch.GetTimestamp();
            Read(_memory.Pointer, CacheSweep.Bytes / sizeof(float));
            best = Math.Max(best, CacheSweep.Bytes / Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        _rounds.Add(best);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    // Four sums, so that no addition waits for the one before; returned, so that the reads are not dropped.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float Read(float* floats, int length)
    {
        Vector256<float> a = default,
            b = default,
            c = default,
            d = default;
        for (var index = 0; index < length; index += 4 * Vector256<float>.Count)
        {
            a += Vector256.LoadAligned(floats + index);
            b += Vector256.LoadAligned(floats + index + 8);
            c += Vector256.LoadAligned(floats + index + 16);
            d += Vector256.LoadAligned(floats + index + 24);
        }

        return Vector256.Sum(a + b + c + d);
    }
}

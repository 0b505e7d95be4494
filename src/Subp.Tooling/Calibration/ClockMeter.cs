using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Subp.Tooling.Calibration;

/// <summary>Measures how many cycles a core makes in a second: a chain of dependent operations of one cycle each.</summary>
internal static class ClockMeter
{
    private const int Rounds = 7,
        Iterations = 400_000,
        OperationsPerIteration = 16;

    /// <summary>The best of a few rounds, in GHz.</summary>
    public static double MeasureGigahertz()
    {
        double best = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var result = Chain(round, Iterations);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            GC.KeepAlive(result);
            best = Math.Max(best, (double)OperationsPerIteration * Iterations / seconds / 1e9);
        }

        return best;
    }

    // Rotations and exclusive ors of one value: each needs the result of the one before, and no compiler makes fewer of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static ulong Chain(int seed, int iterations)
    {
        var (x, key) = ((ulong)seed + 1, (ulong)seed + 0x9E3779B97F4A7C15);
        for (var n = 0; n < iterations; n++)
        {
            x = ulong.RotateLeft(x, 7) ^ key;
            x = ulong.RotateLeft(x, 11) ^ key;
            x = ulong.RotateLeft(x, 13) ^ key;
            x = ulong.RotateLeft(x, 17) ^ key;
            x = ulong.RotateLeft(x, 19) ^ key;
            x = ulong.RotateLeft(x, 23) ^ key;
            x = ulong.RotateLeft(x, 29) ^ key;
            x = ulong.RotateLeft(x, 31) ^ key;
        }

        return x;
    }
}

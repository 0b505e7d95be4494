using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// Measures how many multiply-adds per second one thread of this machine can do, the yardstick of all convolution figures.
/// </summary>
public static class FmaPeak
{
    private const int Accumulators = 12;
    private const int Rounds = 5;
    private const int Iterations = 400_000;

    /// <summary>The best of a few rounds, in floating point operations per second (a multiply-add counts two); takes about 20 ms.</summary>
    public static double MeasureFlopsPerSecond() =>
        MeasureFlopsPerSecond(
            Avx512F.IsSupported ? Vector512<float>.Count
            : Fma.IsSupported ? Vector256<float>.Count
            : Vector128<float>.Count
        );

    /// <summary>The same with vectors of a length, which need not be the longest of this machine.</summary>
    /// <param name="lanes">The floats of a vector: 16, 8 or 4; this machine must have them.</param>
    public static double MeasureFlopsPerSecond(int lanes)
    {
        double best = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            int width = lanes switch
            {
                16 => Run512(Iterations),
                8 => Run256(Iterations),
                _ => Run128(Iterations),
            };
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            best = Math.Max(best, 2.0 * width * Accumulators * Iterations / seconds);
        }

        return best;
    }

    // Twelve independent chains cover latency 4-5 times two units; the sum at the end keeps the loop from being dropped.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Run512(int iterations)
    {
        var x = Vector512.Create(0.5f);
        Vector512<float> a = x,
            b = x,
            c = x,
            d = x,
            e = x,
            f = x,
            g = x,
            h = x,
            i = x,
            j = x,
            k = x,
            l = x;
        for (int n = 0; n < iterations; n++)
        {
            a = Avx512F.FusedMultiplyAdd(x, x, a);
            b = Avx512F.FusedMultiplyAdd(x, x, b);
            c = Avx512F.FusedMultiplyAdd(x, x, c);
            d = Avx512F.FusedMultiplyAdd(x, x, d);
            e = Avx512F.FusedMultiplyAdd(x, x, e);
            f = Avx512F.FusedMultiplyAdd(x, x, f);
            g = Avx512F.FusedMultiplyAdd(x, x, g);
            h = Avx512F.FusedMultiplyAdd(x, x, h);
            i = Avx512F.FusedMultiplyAdd(x, x, i);
            j = Avx512F.FusedMultiplyAdd(x, x, j);
            k = Avx512F.FusedMultiplyAdd(x, x, k);
            l = Avx512F.FusedMultiplyAdd(x, x, l);
        }

        var sum = a + b + c + d + e + f + g + h + i + j + k + l;
        return sum[0] > 0 ? Vector512<float>.Count : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Run256(int iterations)
    {
        var x = Vector256.Create(0.5f);
        Vector256<float> a = x,
            b = x,
            c = x,
            d = x,
            e = x,
            f = x,
            g = x,
            h = x,
            i = x,
            j = x,
            k = x,
            l = x;
        for (int n = 0; n < iterations; n++)
        {
            a = Fma.MultiplyAdd(x, x, a);
            b = Fma.MultiplyAdd(x, x, b);
            c = Fma.MultiplyAdd(x, x, c);
            d = Fma.MultiplyAdd(x, x, d);
            e = Fma.MultiplyAdd(x, x, e);
            f = Fma.MultiplyAdd(x, x, f);
            g = Fma.MultiplyAdd(x, x, g);
            h = Fma.MultiplyAdd(x, x, h);
            i = Fma.MultiplyAdd(x, x, i);
            j = Fma.MultiplyAdd(x, x, j);
            k = Fma.MultiplyAdd(x, x, k);
            l = Fma.MultiplyAdd(x, x, l);
        }

        var sum = a + b + c + d + e + f + g + h + i + j + k + l;
        return sum[0] > 0 ? Vector256<float>.Count : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Run128(int iterations)
    {
        var x = Vector128.Create(0.5f);
        Vector128<float> a = x,
            b = x,
            c = x,
            d = x,
            e = x,
            f = x,
            g = x,
            h = x,
            i = x,
            j = x,
            k = x,
            l = x;
        for (int n = 0; n < iterations; n++)
        {
            a = Vector128.MultiplyAddEstimate(x, x, a);
            b = Vector128.MultiplyAddEstimate(x, x, b);
            c = Vector128.MultiplyAddEstimate(x, x, c);
            d = Vector128.MultiplyAddEstimate(x, x, d);
            e = Vector128.MultiplyAddEstimate(x, x, e);
            f = Vector128.MultiplyAddEstimate(x, x, f);
            g = Vector128.MultiplyAddEstimate(x, x, g);
            h = Vector128.MultiplyAddEstimate(x, x, h);
            i = Vector128.MultiplyAddEstimate(x, x, i);
            j = Vector128.MultiplyAddEstimate(x, x, j);
            k = Vector128.MultiplyAddEstimate(x, x, k);
            l = Vector128.MultiplyAddEstimate(x, x, l);
        }

        var sum = a + b + c + d + e + f + g + h + i + j + k + l;
        return sum[0] > 0 ? Vector128<float>.Count : 0;
    }
}

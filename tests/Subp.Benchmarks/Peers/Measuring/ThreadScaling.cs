using System.Diagnostics;
using Subp.Tooling.Benchmarking;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Benchmarks.Peers.Measuring;

/// <summary>
/// How much more several threads compute than one when they do nothing but multiply-adds in registers: the most that any schedule could
/// gain here. On a machine whose processors share cores, or that others use as well, this is less than the number of threads.
/// </summary>
internal static class ThreadScaling
{
    private const int Rounds = 7;
    private const int Turns = 20_000;
    private const int Middle = 16;

    /// <summary>The median over some rounds.</summary>
    /// <param name="threads">The number of threads.</param>
    public static double Measure(int threads)
    {
        var ratios = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var alone = FmaPeak.MeasureFlopsPerSecond();
            ratios.Add(Together(threads) / alone);
        }

        return Timing.Of(ratios).Median;
    }

    /// <summary>
    /// How long a line of the cache takes from one thread to another and back, in nanoseconds: the median over some rounds. About 50 where
    /// two cores share a cache, several hundred where they do not; every layer that two threads work on hands over what the next one reads.
    /// </summary>
    public static double MeasureHandoverNanoseconds()
    {
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
            times.Add(Handovers() / Turns);
        return Timing.Of(times).Median;
    }

    // The turn is alone in its line: 16 integers before and after it.
    private static double Handovers()
    {
        var turn = new int[33];
        var other = new Thread(() =>
        {
            for (var index = 0; index < Turns; index++)
                Wait(turn, (2 * index) + 1);
        });
        other.Start();
        var watch = Stopwatch.StartNew();
        for (var index = 0; index < Turns; index++)
        {
            Volatile.Write(ref turn[Middle], (2 * index) + 1);
            while (Volatile.Read(ref turn[Middle]) != (2 * index) + 2) { }
        }

        var elapsed = watch.Elapsed.TotalNanoseconds;
        other.Join();
        return elapsed;
    }

    private static void Wait(int[] turn, int value)
    {
        while (Volatile.Read(ref turn[Middle]) != value) { }
        Volatile.Write(ref turn[Middle], value + 1);
    }

    private static double Together(int threads)
    {
        var peaks = new double[threads];
        using var start = new Barrier(threads);
        var others = Enumerable.Range(1, threads - 1).Select(index => new Thread(() => Run(index))).ToArray();
        foreach (var thread in others)
            thread.Start();
        Run(0);
        foreach (var thread in others)
            thread.Join();
        return peaks.Sum();

        void Run(int index)
        {
            start.SignalAndWait();
            peaks[index] = FmaPeak.MeasureFlopsPerSecond();
        }
    }
}

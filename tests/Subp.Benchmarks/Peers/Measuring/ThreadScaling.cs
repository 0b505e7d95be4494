using Subp.Cli.Benchmarking;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Benchmarks.Peers.Measuring;

/// <summary>
/// How much more several threads compute than one when they do nothing but multiply-adds in registers: the most that any schedule could
/// gain here. On a machine whose processors share cores, or that others use as well, this is less than the number of threads.
/// </summary>
internal static class ThreadScaling
{
    private const int Rounds = 7;

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

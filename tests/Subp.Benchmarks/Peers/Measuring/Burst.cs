using Subp.Benchmarks.Peers.Contenders;

namespace Subp.Benchmarks.Peers.Measuring;

/// <summary>A few runs of one contender in a row: its turn within a round.</summary>
internal static class Burst
{
    private const int Fewest = 2;
    private const double SlowMilliseconds = 100;
    private const int Most = 2000;

    /// <summary>The fastest of the runs: on a machine that others use as well, the slower ones tell about the others.</summary>
    /// <param name="contender">Who runs.</param>
    /// <param name="milliseconds">About how long; two runs are made whatever they take, or one where it takes more than a tenth of a
    /// second.</param>
    /// <param name="before">What comes before each run and is not timed.</param>
    /// <returns>Microseconds.</returns>
    public static double Fastest(IContender contender, double milliseconds, Action? before = null)
    {
        // The first run after another contender had caches and threads is not counted.
        before?.Invoke();
        var fewest = contender.Run() > SlowMilliseconds * 1000 ? 1 : Fewest;
        var fastest = double.MaxValue;
        var total = 0.0;
        for (var run = 0; run < fewest || (run < Most && total < milliseconds * 1000); run++)
        {
            before?.Invoke();
            var time = contender.Run();
            fastest = Math.Min(fastest, time);
            total += time;
        }

        return fastest;
    }
}

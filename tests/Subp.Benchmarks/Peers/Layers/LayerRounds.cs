using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Measuring;
using Subp.Core.Diagnostics;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Verification;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Benchmarks.Peers.Layers;

/// <summary>
/// Prepares contenders for one layer, compares their outputs with the reference interpreter, and times those that agree in turns.
/// </summary>
internal static class LayerRounds
{
    private const double LargestDifference = 1e-4;
    private const double BurstMilliseconds = 4;

    /// <summary>Measures.</summary>
    /// <param name="problem">The layer.</param>
    /// <param name="candidates">Who is to run it.</param>
    /// <param name="rounds">The number of rounds.</param>
    public static LayerAnswer Measure(LayerProblem problem, IEnumerable<Candidate> candidates, int rounds)
    {
        using var sweep = new CacheSweep();
        using var bandwidth = new BandwidthMeter();
        var peaks = new List<double>();
        var entries = candidates.Select(candidate => Prepare(problem, candidate)).ToArray();
        var running = entries.Where(entry => entry.Contender is not null).ToArray();
        InterleavedRounds.Run(
            [
                () => peaks.Add(FmaPeak.MeasureFlopsPerSecond() / 1e9),
                bandwidth.Measure,
                .. running.Select(entry => (Action)(() => entry.Measure(sweep))),
            ],
            rounds,
            static (_, _) => { },
            CancellationToken.None
        );
        foreach (var entry in running.Reverse())
            entry.Contender!.Dispose();
        return new LayerAnswer(
            Timing.Of(peaks).High,
            bandwidth.BytesPerMicrosecond,
            problem.KeptMacs,
            problem.ActivationBytes,
            [.. entries.Select(entry => entry.Answer())]
        );
    }

    private static Entry Prepare(LayerProblem problem, Candidate candidate)
    {
        try
        {
            var contender = candidate.Create();
            contender.Run();
            var difference = ErrorFigures.Between(contender.Output(), problem.Expected).Relative;
            if (difference <= LargestDifference)
                return new Entry(contender.Name, candidate.Kind, contender, contender.Remark, difference);
            contender.Dispose();
            return new Entry(contender.Name, candidate.Kind, null, "outputs differ", difference);
        }
        catch (Exception exception)
            when (exception is PeerException or DllNotFoundException or EntryPointNotFoundException or SubpException)
        {
            return new Entry(candidate.Name, candidate.Kind, null, exception.Message, double.NaN);
        }
    }

    private sealed record Entry(string Name, ContenderKind Kind, IContender? Contender, string Remark, double Difference)
    {
        private readonly List<double> _warm = [];
        private readonly List<double> _cold = [];

        public void Measure(CacheSweep sweep)
        {
            _warm.Add(Burst.Fastest(Contender!, BurstMilliseconds));
            _cold.Add(Burst.Fastest(Contender!, BurstMilliseconds, () => sweep.Before(Contender!)));
        }

        // JSON has no word for what is not a number.
        public ContenderAnswer Answer() =>
            Contender is null
                ? new ContenderAnswer(Name, Kind, Remark, null, null, double.IsFinite(Difference) ? Difference : -1)
                : new ContenderAnswer(Name, Kind, Remark, Timing.Of(_warm), Timing.Of(_cold), Difference);
    }
}

/// <summary>What was measured of one layer.</summary>
/// <param name="PeakGigaflops">The FMA peak of one thread, the fastest tenth of the rounds.</param>
/// <param name="BytesPerMicrosecond">How fast one thread reads what lies behind the caches of its core.</param>
/// <param name="KeptMacs">The multiply-accumulates of direct summation over the kept weights.</param>
/// <param name="ActivationBytes">The size of input and output.</param>
/// <param name="Contenders">The contenders.</param>
internal sealed record LayerAnswer(
    double PeakGigaflops,
    double BytesPerMicrosecond,
    long KeptMacs,
    long ActivationBytes,
    IReadOnlyList<ContenderAnswer> Contenders
);

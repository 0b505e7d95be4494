using Subp.Compiler;
using Subp.Compiler.Planning.Costs;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Tooling.Benchmarking;

/// <summary>The FMA peak of one thread, measured in the same rounds as what it is compared with.</summary>
/// <param name="set">
/// The instruction set, or the best of this processor where it has not that one; null for the one of the longest vectors.
/// </param>
internal sealed class PeakMeter(InstructionSet? set = null)
{
    private readonly List<double> _rounds = [];

    /// <summary>The median over the rounds, in GFLOP/s.</summary>
    public double Gigaflops => Timing.Of(_rounds).Median;

    /// <summary>The fastest tenth of the rounds, in GFLOP/s: others on the machine only ever make one slower.</summary>
    public double FastestGigaflops => Timing.Of(_rounds).High;

    /// <summary>Measures one round.</summary>
    public void Measure() =>
        _rounds.Add(
            (
                set is { } given && HostProcessor.InstructionSets.Contains(given)
                    ? FmaPeak.MeasureFlopsPerSecond(MachineDescription.Lanes(given))
                    : FmaPeak.MeasureFlopsPerSecond()
            ) / 1e9
        );

    /// <summary>
    /// The share of the peak of <paramref name="threads"/> threads, as the median over the rounds of the share within each.
    /// </summary>
    /// <param name="microseconds">The time of the work in each round.</param>
    /// <param name="multiplyAccumulates">The work; each counts as two operations.</param>
    /// <param name="threads">The number of threads.</param>
    public double Share(IReadOnlyList<double> microseconds, long multiplyAccumulates, int threads) =>
        Timing.Of([.. microseconds.Zip(_rounds, (time, peak) => 2e-3 * multiplyAccumulates / time / (peak * threads))]).Median;
}

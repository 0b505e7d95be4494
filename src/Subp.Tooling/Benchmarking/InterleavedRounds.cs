using Subp.Tooling.Progress;

namespace Subp.Tooling.Benchmarking;

/// <summary>
/// Measures several things in turns: the clock of a shared machine drifts by tens of per cent within seconds, so only figures of the same
/// round compare. The order rotates from round to round, so that nothing is always the one after the slowest.
/// </summary>
internal static class InterleavedRounds
{
    /// <summary>Calls every measurement once per round.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(IReadOnlyList<Action> measurements, int rounds, ProgressReport progress, CancellationToken cancellation)
    {
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var turn = 0; turn < measurements.Count; turn++)
                measurements[(round + turn) % measurements.Count]();
            progress((double)(round + 1) / rounds, FormattableString.Invariant($"round {round + 1} of {rounds}"));
        }
    }
}

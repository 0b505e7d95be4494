using System.Diagnostics;

namespace Subp.Tooling.Tuning;

/// <summary>
/// Times layers inside runs of the whole network, so that their weights are as cold and their inputs as warm as in use. In every round each
/// network runs once to find its own data in the caches, then a few times under the clock, of which the fastest counts: on a machine that
/// others use as well the slower ones tell about the others. The order rotates, so that nothing is always the one after the slowest.
/// </summary>
internal sealed class ProfiledTimer : ILayerTimer
{
    private const int RunsPerRound = 3;
    private const int LeastRounds = 5;

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<double[]>> Measure(
        IReadOnlyList<TimedNetwork> networks,
        TuningOptions options,
        Action<double, string> progress,
        CancellationToken cancellation
    )
    {
        var times = networks.Select(_ => new List<double[]>()).ToArray();
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < options.Rounds; round++)
        {
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (round >= LeastRounds && elapsed > options.Budget)
                break;
            for (var turn = 0; turn < networks.Count; turn++)
            {
                cancellation.ThrowIfCancellationRequested();
                var index = (round + turn) % networks.Count;
                times[index].Add(Round(networks[index]));
            }

            progress(
                Math.Max((double)(round + 1) / options.Rounds, Math.Min(1, elapsed / options.Budget)),
                FormattableString.Invariant($"round {round + 1} of {options.Rounds}")
            );
        }

        return times;
    }

    private static double[] Round(TimedNetwork network)
    {
        network.Session.Run(network.Input, network.Output);
        var layers = new double[network.Session.LayerNames.Count];
        var fastest = new double[layers.Length];
        Array.Fill(fastest, double.MaxValue);
        for (var run = 0; run < RunsPerRound; run++)
        {
            network.Session.RunProfiled(network.Input, network.Output, layers);
            for (var layer = 0; layer < layers.Length; layer++)
                fastest[layer] = Math.Min(fastest[layer], layers[layer]);
        }

        return fastest;
    }
}

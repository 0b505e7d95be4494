using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Core.Weights;

namespace Subp.Tooling.Tuning;

/// <summary>
/// Finds the fastest kernel of every layer on this machine. The k-th candidates of all layers are compiled into one network, so that there
/// are as many networks as the layer with the most candidates has, and all of them are timed in turns. Layers of one signature share their
/// measurements.
/// </summary>
/// <param name="model">The network; its own hints have no part in it.</param>
/// <param name="options">The compile options; their first instruction set must be one that this processor has for its tiles to be tuned
/// freely.</param>
/// <param name="tuning">How it is tuned.</param>
/// <param name="timer">Times layers.</param>
internal sealed class NetworkTuner(Model model, CompileOptions options, TuningOptions tuning, ILayerTimer timer)
{
    /// <summary>Compiles, verifies and times the candidates.</summary>
    /// <param name="input">The input that is run.</param>
    /// <param name="progress">Hears the share that is done, and what is being done.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="SubpException">The network cannot be compiled, or a candidate computes something else (SUBP0702).</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TuningResult Tune(float[] input, Action<double, string> progress, CancellationToken cancellation)
    {
        using var networks = new NetworkSet(model, options, tuning, input);
        progress(0, "compiling the planner's choice");
        var planned = networks.Add(PlanHints.Empty, cancellation);
        var set = planned.Session.InstructionSet;
        var layers = HintCandidates.Of(planned.Plan, set, tuning.Candidates);
        var count = layers.Select(layer => layer.Candidates.Count).DefaultIfEmpty().Max();
        for (var index = 0; index < count; index++)
        {
            progress(0, FormattableString.Invariant($"compiling candidates {index + 1} of {count}"));
            networks.Add(Hints(layers, index), cancellation);
        }

        var times = timer.Measure(networks.All, tuning, progress, cancellation);
        TunedLayer[] tuned = [.. layers.Select(layer => Judge(layer, layers, networks.All, times))];
        var hints = PlanHints.Create();
        foreach (var layer in tuned.Where(layer => layer.Winner is not null))
        {
            var position = layer.Candidates.ToList().IndexOf(layer.Winner!);
            Add(hints, layer.Node, layers.First(candidate => candidate.Node == layer.Node).Candidates[position]);
        }

        var winners = hints.Build();
        var (before, after) = Compare(networks, winners, progress, cancellation);
        return new TuningResult(tuned, winners, set, times[0].Count, before, after);
    }

    private static PlanHints Hints(IReadOnlyList<LayerCandidates> layers, int index)
    {
        var hints = PlanHints.Create();
        foreach (var layer in layers.Where(layer => layer.Candidates.Count > index))
            Add(hints, layer.Node, layer.Candidates[index]);
        return hints.Build();
    }

    private static void Add(PlanHints.Builder hints, string node, HintCandidate candidate)
    {
        foreach (var hint in candidate.Hints)
            hints.Add(node, hint.Key, hint.Value);
    }

    private TunedLayer Judge(
        LayerCandidates layer,
        IReadOnlyList<LayerCandidates> layers,
        IReadOnlyList<TimedNetwork> networks,
        IReadOnlyList<IReadOnlyList<double[]>> times
    )
    {
        var plan = networks[0].Plan;
        var own = Position(plan, layer.Node);
        int[] members = [.. layers.Where(other => other.Signature == layer.Signature).Select(other => Position(plan, other.Node))];
        MeasuredKernel Measured(int network, string hints)
        {
            // Only times of one round compare: the clock of a shared machine drifts from round to round.
            double[] gains =
            [
                .. times[network]
                    .Zip(
                        times[0],
                        (candidate, planned) => 1 - (members.Sum(member => candidate[member]) / members.Sum(member => planned[member]))
                    ),
            ];
            return new MeasuredKernel(
                networks[network].Plan.Layers[own].KernelName(networks[network].Session.InstructionSet),
                hints,
                Samples.Median(times[network].Select(round => round[own])),
                Samples.Median(gains),
                Samples.Spread(gains)
            );
        }

        MeasuredKernel[] candidates = [.. layer.Candidates.Select((candidate, index) => Measured(index + 1, candidate.ToString()))];
        var best = candidates.MaxBy(candidate => candidate.Gain);
        return new TunedLayer(
            layer.Node,
            Measured(0, ""),
            candidates,
            best is not null && best.Gain > Math.Max(tuning.Margin, best.Spread) ? best : null
        );
    }

    private static int Position(ModelPlan plan, string node) => plan.Layers.First(layer => layer.Node.Name == node).Index;

    // The winners were measured among other candidates; together they change what their neighbours find in the caches.
    private (double Planned, double Tuned) Compare(
        NetworkSet networks,
        PlanHints winners,
        Action<double, string> progress,
        CancellationToken cancellation
    )
    {
        progress(0, "compiling the winners");
        var planned = networks.All[0];
        TimedNetwork[] both = winners.IsEmpty ? [planned] : [planned, networks.Add(winners, cancellation)];
        var times = timer.Measure(both, tuning, progress, cancellation);
        return (Whole(times[0]), Whole(times[^1]));

        static double Whole(IReadOnlyList<double[]> rounds) => Samples.Median(rounds.Select(round => round.Sum()));
    }
}

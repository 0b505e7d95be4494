using Subp.Roslyn;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Benchmarking;

/// <summary>Times compiled models against each other: whole runs and layers, in interleaved rounds.</summary>
internal static class ModelBenchmark
{
    /// <summary>Measures every model with every thread count.</summary>
    /// <param name="models">The models with their names; the first is the one that the others are compared with.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="rounds">The number of rounds.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static IReadOnlyList<ModelTiming> Run(
        IReadOnlyList<(string Name, LoadedModel Model)> models,
        IReadOnlyList<int> threads,
        int rounds,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var sessions = new List<(string Name, ILoadedSession Session, SessionTimer Timer)>();
        try
        {
            foreach (var (name, model) in models)
            {
                var input = InputSet.OfRandom(RunnableModel.InputShape(model), 1, seed: 1)[0];
                foreach (var count in threads)
                {
                    var session = model.CreateSession(count);
                    sessions.Add((name, session, new SessionTimer(session, input, model.OutputLength)));
                }
            }

            InterleavedRounds.Run([.. sessions.Select(session => (Action)session.Timer.Measure)], rounds, progress, cancellation);
            return
            [
                .. sessions.Select(session => new ModelTiming(
                    session.Name,
                    session.Session.Threads,
                    session.Timer.Run,
                    session.Timer.Runs,
                    [.. session.Timer.LayerNames.Select((layer, index) => new LayerTiming(layer, session.Timer.Layer(index)))]
                )),
            ];
        }
        finally
        {
            foreach (var (_, session, _) in sessions)
                session.Dispose();
        }
    }
}

/// <summary>The times of one model with one thread count.</summary>
/// <param name="Name">The model.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Microseconds">One run.</param>
/// <param name="Rounds">One run, round by round.</param>
/// <param name="Layers">The layers in order; their sum is more than a run, since every layer is timed by itself.</param>
internal sealed record ModelTiming(
    string Name,
    int Threads,
    Timing Microseconds,
    IReadOnlyList<double> Rounds,
    IReadOnlyList<LayerTiming> Layers
)
{
    /// <summary>How often faster than another model: the median over the rounds of the ratio within each.</summary>
    public double SpeedupOver(ModelTiming other) => Timing.Of([.. Rounds.Zip(other.Rounds, (own, its) => its / own)]).Median;
}

/// <summary>The time of one layer.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Microseconds">Its time.</param>
internal sealed record LayerTiming(string Name, Timing Microseconds);

using Subp.Compiler.Planning;
using Subp.Roslyn;

namespace Subp.Tooling.Tuning;

/// <summary>Times the layers of several networks against each other.</summary>
internal interface ILayerTimer
{
    /// <summary>Measures the networks in turns.</summary>
    /// <param name="networks">The networks; they have the same layers.</param>
    /// <param name="options">Rounds and time.</param>
    /// <param name="progress">Hears the share that is done, and what is being done.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>Microseconds by network, round and layer; every network has as many rounds.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    IReadOnlyList<IReadOnlyList<double[]>> Measure(
        IReadOnlyList<TimedNetwork> networks,
        TuningOptions options,
        Action<double, string> progress,
        CancellationToken cancellation
    );
}

/// <summary>A network that is ready to be timed.</summary>
/// <param name="Plan">Its plan.</param>
/// <param name="Session">A session with the threads and the instruction set that are tuned for.</param>
/// <param name="Input">An input.</param>
/// <param name="Output">Room for the output.</param>
internal sealed record TimedNetwork(ModelPlan Plan, ILoadedSession Session, float[] Input, float[] Output);

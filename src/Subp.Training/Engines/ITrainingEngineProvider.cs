using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Training.Engines;

/// <summary>
/// Builds the engines of one kind. A provider that lies in an assembly of its own has a public constructor without parameters.
/// </summary>
public interface ITrainingEngineProvider
{
    /// <summary>The word by which users choose it and by which checkpoints remember it, for example <c>embedded</c>.</summary>
    string Name { get; }

    /// <summary>What had to be done so that the engine runs on this machine, in one line for a log; null where nothing was.</summary>
    /// <exception cref="SubpException">SUBP0521 where it does not run.</exception>
    string? Remark { get; }

    /// <summary>Builds an engine.</summary>
    /// <exception cref="SubpException">The network cannot be trained, or the machine does not have what the settings ask for.</exception>
    ITrainingEngine Create(EngineRequest request);
}

/// <summary>What an engine is built from.</summary>
/// <param name="Graph">The network; the batch size of its shapes is ignored.</param>
/// <param name="Weights">The initial values of all parameters; copied.</param>
/// <param name="BatchCapacity">The largest number of images of one call.</param>
/// <param name="Settings">How it computes.</param>
public sealed record EngineRequest(Graph Graph, WeightSet Weights, int BatchCapacity, EngineSettings Settings)
{
    /// <summary>How the training rounds for a network of bytes; null for one of floats.</summary>
    public ByteRounding? Rounding { get; init; }
}

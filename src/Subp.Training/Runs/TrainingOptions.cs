using Subp.Core.Weights;
using Subp.Training.Distributed;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;

namespace Subp.Training.Runs;

/// <summary>What does not change the result of a training: files, threads, engine.</summary>
public sealed record TrainingOptions
{
    /// <summary>The run folder, or null to write nothing.</summary>
    public string? Folder { get; init; }

    /// <summary>Go on from last.ckpt in the folder, if there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Replace a run in the folder.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Which engine computes; the embedded one if not given.</summary>
    public ITrainingEngineProvider Provider { get; init; } = EmbeddedProvider.Instance;

    /// <summary>Stop after this many steps, with a checkpoint to go on from; null to train to the end.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>How it computes; the seed is that of the recipe, whatever it says here.</summary>
    public EngineSettings Engine { get; init; } = new();

    /// <summary>
    /// What every process does when the images of an epoch have been read, those to test with included, before anything of the epoch is
    /// written; null for nothing.
    /// </summary>
    public Action? EpochRead { get; init; }

    /// <summary>The processes that train together; this one alone if not given. Rank 0 alone writes to the folder.</summary>
    public IProcessGroup Group { get; init; } = SingleProcess.Instance;
}

/// <summary>What a training ends with.</summary>
/// <param name="Model">The network after the last epoch: pruned weights zero, patterns on their parameters.</param>
/// <param name="TestAccuracy">The share of test images it classifies correctly.</param>
/// <param name="History">One summary per epoch.</param>
/// <param name="Profile">Where the engine spent the last epoch that was trained, evaluation included; null where none was.</param>
/// <param name="Engine">The engine, for reports.</param>
/// <param name="StoppedAfterSteps">The steps after which the training stopped as it was told to; null where it came to its end.</param>
public sealed record TrainingResult(
    Model Model,
    double TestAccuracy,
    IReadOnlyList<EpochSummary> History,
    EngineProfile? Profile,
    string Engine,
    int? StoppedAfterSteps = null
)
{
    /// <summary>By value that is rounded to bytes its smallest and largest number; empty after a training in floats.</summary>
    public IReadOnlyDictionary<string, (float Low, float High)> Ranges { get; init; } = new Dictionary<string, (float Low, float High)>();

    /// <summary>The seconds of the fastest epoch, test included; the others may have shared the machine.</summary>
    public double SecondsPerEpoch => History.Count == 0 ? 0 : History.Min(epoch => epoch.Seconds);
}

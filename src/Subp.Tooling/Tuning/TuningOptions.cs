namespace Subp.Tooling.Tuning;

/// <summary>How a network is tuned.</summary>
internal sealed record TuningOptions
{
    /// <summary>The number of threads that run while layers are timed.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The most candidates of a layer, beside the planner's choice; as many networks are compiled.</summary>
    public int Candidates { get; init; } = 6;

    /// <summary>The rounds in which all networks take turns.</summary>
    public int Rounds { get; init; } = 30;

    /// <summary>Ends the rounds early; a few are measured in any case.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A candidate that gains no more than this share of the time is not worth a hint. It must also gain more than its spread.
    /// </summary>
    public double Margin { get; init; } = 0.03;

    /// <summary>
    /// The largest difference between the outputs of candidates and of the planner's choice, relative to the largest output.
    /// </summary>
    public double Tolerance { get; init; } = 1e-4;
}

namespace Subp.Tooling.Tuning;

/// <summary>What tuning found out about one layer.</summary>
/// <param name="Node">The layer.</param>
/// <param name="Planned">The planner's choice.</param>
/// <param name="Candidates">What was measured against it, in the order of the cost model.</param>
/// <param name="Winner">The candidate that is worth a hint, or null where the planner's choice stands.</param>
internal sealed record TunedLayer(string Node, MeasuredKernel Planned, IReadOnlyList<MeasuredKernel> Candidates, MeasuredKernel? Winner);

/// <summary>One kernel of one layer, measured.</summary>
/// <param name="Kernel">The name of the kernel.</param>
/// <param name="Hints">The hints that ask for it; empty for the planner's choice.</param>
/// <param name="Microseconds">The median over the rounds.</param>
/// <param name="Gain">The share of the time that it saves against the planner's choice: the median over the rounds of the gain within each,
/// over all layers of its signature.</param>
/// <param name="Spread">Half the distance between the tenths of these gains.</param>
internal sealed record MeasuredKernel(string Kernel, string Hints, double Microseconds, double Gain, double Spread);

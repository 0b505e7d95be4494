using Subp.Core.Text;

namespace Subp.Tooling.Tuning;

/// <summary>What tuning found out.</summary>
/// <param name="Layers">Every layer that has choices, in order.</param>
/// <param name="Hints">The winners.</param>
/// <param name="InstructionSet">What was measured.</param>
/// <param name="Rounds">How many rounds were measured.</param>
/// <param name="PlannedMicroseconds">All layers as planned, without hints.</param>
/// <param name="TunedMicroseconds">All layers with the winners, measured together in a second set of rounds.</param>
internal sealed record TuningResult(
    IReadOnlyList<TunedLayer> Layers,
    PlanHints Hints,
    Compiler.InstructionSet InstructionSet,
    int Rounds,
    double PlannedMicroseconds,
    double TunedMicroseconds
);

using Subp.Compiler;

namespace Subp.Tooling.Verification.Steps;

/// <summary>How the layers of a network compare with the reference interpreter one by one.</summary>
/// <param name="Layers">Every layer on the values that the compiled code gave it.</param>
/// <param name="Sessions">
/// The sessions whose outputs are, to the bit and for every input, those of the code that was compared layer by layer. That code keeps all
/// values; sessions that do not are judged by it where they compute the same.
/// </param>
internal sealed record InterpretedReport(StepReport Layers, IReadOnlyList<(InstructionSet Set, int Threads)> Sessions)
{
    /// <summary>Whether the layers judge a session in place of its outputs.</summary>
    public bool Judges(SessionVerdict session) =>
        session.Reference == ReferenceOutputs.Interpreter && Sessions.Contains((session.InstructionSet, session.Threads));
}

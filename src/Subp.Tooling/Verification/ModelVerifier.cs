using Subp.Compiler;
using Subp.Roslyn;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification;

/// <summary>Verifies a compiled model in all the ways it can run on this processor.</summary>
internal static class ModelVerifier
{
    /// <summary>Compares every instruction set this processor has, with every thread count, with a reference.</summary>
    /// <param name="model">The compiled model.</param>
    /// <param name="reference">The outputs of the reference.</param>
    /// <param name="sets">The instruction sets; those that this processor lacks are left out.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="tolerance">The tolerance for ties.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static IReadOnlyList<SessionVerdict> Verify(
        LoadedModel model,
        ReferenceOutputs reference,
        IReadOnlyList<InstructionSet> sets,
        IReadOnlyList<int> threads,
        double tolerance,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var verdicts = new List<SessionVerdict>();
        var runnable = sets.Where(model.IsSupported).ToArray();
        foreach (var set in runnable)
        {
            foreach (var count in threads)
            {
                progress(
                    (double)verdicts.Count / (runnable.Length * threads.Count),
                    FormattableString.Invariant($"{set.ToString().ToLowerInvariant()}, threads: {count}")
                );
                using var session = model.CreateSession(count, set);
                verdicts.Add(SessionVerifier.Verify(session, reference, tolerance, cancellation));
            }
        }

        return verdicts;
    }
}

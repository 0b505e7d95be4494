using Subp.Roslyn;

namespace Subp.Tooling.Verification;

/// <summary>Runs a session over a set of inputs and compares every output with the reference.</summary>
internal static class SessionVerifier
{
    /// <summary>Compares a session with the reference.</summary>
    /// <param name="session">The session.</param>
    /// <param name="reference">The outputs of the reference.</param>
    /// <param name="tolerance">Two outputs closer than this, relative to the largest, count as a tie between their classes.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static SessionVerdict Verify(
        ILoadedSession session,
        ReferenceOutputs reference,
        double tolerance,
        CancellationToken cancellation
    )
    {
        var inputs = reference.Inputs;
        // Images that the network puts together have no class of their own.
        var hasClasses = inputs.HasLabels && reference.Images == inputs.Batch;
        int same = 0,
            errors = 0,
            first = -1,
            worstInput = 0,
            correct = 0;
        var worst = ErrorFigures.None;
        var output = new float[reference.Classes * reference.Images];
        for (var input = 0; input < inputs.Count; input++)
        {
            cancellation.ThrowIfCancellationRequested();
            session.Run(inputs[input], output);
            var expected = reference[input];
            var largest = Largest(expected);
            var figures = ErrorFigures.Between(output, expected);
            worstInput = figures.Relative > worst.Relative ? input : worstInput;
            worst = worst.Or(figures);
            for (var image = 0; image < reference.Images; image++)
            {
                var found = ReferenceOutputs.ArgMax(output.AsSpan(image * reference.Classes, reference.Classes));
                var right = expected.AsSpan(image * reference.Classes, reference.Classes);
                var label = ReferenceOutputs.ArgMax(right);
                if (hasClasses && found == inputs.Label(input, image))
                    correct++;
                if (found == label)
                {
                    same++;
                }
                else if (!(right[label] - right[found] <= tolerance * largest))
                {
                    first = errors == 0 ? (input * reference.Images) + image : first;
                    errors++;
                }
            }
        }

        var images = inputs.Count * reference.Images;
        return new SessionVerdict(
            reference.Name,
            session.InstructionSet,
            session.Threads,
            images,
            same,
            errors,
            first,
            worst.Relative,
            worst.Absolute,
            worst.Ulps,
            worst.Cosine,
            worstInput,
            worst.Worst,
            hasClasses ? (double)correct / images : null
        );
    }

    private static double Largest(float[] values)
    {
        // An output of zeros only has no scale of its own.
        double largest = 0;
        foreach (var value in values.Where(float.IsFinite))
            largest = Math.Max(largest, Math.Abs(value));
        return largest > 0 ? largest : 1;
    }
}

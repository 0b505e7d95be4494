using Subp.Core.Diagnostics;

namespace Subp.Tooling.Verification;

/// <summary>
/// Compares compiled code with ONNX Runtime, and finds out whose fault a disagreement is before anyone is blamed: ONNX Runtime runs the
/// network once more without its graph optimiser, which is known to change networks, and the reference interpreter is the third opinion.
/// </summary>
/// <param name="place">What to call the network in messages.</param>
/// <param name="tolerance">The largest error relative to the largest output.</param>
/// <param name="compute">The outputs of ONNX Runtime, with its graph optimiser or without.</param>
/// <param name="interpreter">The outputs of the reference interpreter; asked for only where there is a disagreement.</param>
/// <param name="compare">Compares all sessions with a reference.</param>
internal sealed class OnnxRuntimeComparison(
    string place,
    double tolerance,
    Func<bool, ReferenceOutputs> compute,
    Func<ReferenceOutputs> interpreter,
    Func<ReferenceOutputs, IReadOnlyList<SessionVerdict>> compare
)
{
    /// <summary>Compares.</summary>
    /// <returns>The verdicts that count, and a warning where ONNX Runtime's optimiser changed the network. After a disagreement the
    /// verdicts are those against ONNX Runtime without its optimiser, and say whose fault it is where they fail.</returns>
    public (IReadOnlyList<SessionVerdict> Verdicts, Diagnostic? Warning) Run()
    {
        var optimised = compute(true);
        var verdicts = compare(optimised);
        if (Agrees(verdicts))
            return (verdicts, null);
        var plain = compute(false);
        verdicts = compare(plain);
        var change = Error(optimised, plain);
        var third = interpreter();
        var thirdAgrees = Error(third, plain) <= tolerance;
        var warning = change <= tolerance ? null : OptimiserChanges(place, change, tolerance, Judgement(verdicts, thirdAgrees));
        if (!Agrees(verdicts))
        {
            var fault =
                thirdAgrees ? "The reference interpreter agrees with ONNX Runtime: the fault is in the compiled code"
                : Agrees(compare(third))
                    ? "The reference interpreter agrees with the compiled code: the fault is in the import or the export of "
                        + "the network, or in the meaning of an operator"
                : "The reference interpreter agrees with neither: there is more than one fault";
            return ([.. verdicts.Select(verdict => verdict with { Fault = $"{fault}; please file an issue with the file." })], warning);
        }

        // Where the optimiser changed little, the disagreement was one of rounding, and plain sums settle it.
        return (verdicts, warning);
    }

    /// <summary>The warning that ONNX Runtime's graph optimiser changes what a network computes.</summary>
    /// <param name="place">The network.</param>
    /// <param name="change">How far the outputs with the optimiser are from those without.</param>
    /// <param name="tolerance">The largest error allowed.</param>
    /// <param name="judgement">Who agrees with whom, as a sentence.</param>
    public static Diagnostic OptimiserChanges(string place, double change, double tolerance, string judgement) =>
        new(
            DiagnosticDescriptors.OnnxRuntimeOptimiser,
            place,
            FormattableString.Invariant(
                $"a difference of {change:0.0e-00} of the largest output between ONNX Runtime with its optimiser and without"
            ),
            FormattableString.Invariant($"at most {tolerance:0.0e-00}"),
            judgement
        );

    /// <summary>How far outputs are from others, relative to the largest of these; the worst of all inputs.</summary>
    public static double Error(ReferenceOutputs found, ReferenceOutputs expected) =>
        Enumerable.Range(0, found.Inputs.Count).Max(input => ErrorFigures.Between(found[input], expected[input]).Relative);

    private bool Agrees(IReadOnlyList<SessionVerdict> verdicts) => !verdicts.Any(verdict => verdict.Failures(place, tolerance).Any());

    private string Judgement(IReadOnlyList<SessionVerdict> verdicts, bool thirdAgrees) =>
        (Agrees(verdicts), thirdAgrees) switch
        {
            (true, true) =>
                "The fault is in ONNX Runtime: the compiled code and the reference interpreter agree with it without its optimiser, and "
                    + "that is what counts.",
            (true, false) =>
                "The compiled code agrees with ONNX Runtime without its optimiser, and that is what counts; the reference interpreter "
                    + "does not.",
            _ => "The compiled code does not agree with ONNX Runtime without its optimiser either.",
        };
}

using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Tooling.Text;

namespace Subp.Tooling.Verification;

/// <summary>How one session of a compiled model compares with a reference.</summary>
/// <param name="Reference">The reference.</param>
/// <param name="InstructionSet">The instruction set.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Images">The number of images compared.</param>
/// <param name="SameLabels">Images whose largest output is at the same index.</param>
/// <param name="LabelErrors">Images with another label that is no tie within the tolerance.</param>
/// <param name="FirstLabelError">The first of them, or -1.</param>
/// <param name="MaximumError">The largest difference of an output, relative to the largest absolute output of its input.</param>
/// <param name="MaximumAbsoluteError">The largest difference of an output.</param>
/// <param name="MaximumUlps">The largest number of floats between an output and that of the reference.</param>
/// <param name="SmallestCosine">The smallest cosine of the angle between the outputs of an input and those of the reference.</param>
/// <param name="WorstInput">The input where that is.</param>
/// <param name="WorstOutput">The output where that is.</param>
/// <param name="Accuracy">The share of images in their class, or null where the classes are not known.</param>
internal sealed record SessionVerdict(
    string Reference,
    InstructionSet InstructionSet,
    int Threads,
    int Images,
    int SameLabels,
    int LabelErrors,
    int FirstLabelError,
    double MaximumError,
    double MaximumAbsoluteError,
    double MaximumUlps,
    double SmallestCosine,
    int WorstInput,
    int WorstOutput,
    double? Accuracy
)
{
    private const string SameTraining =
        "A model that was compiled apart must be of the same training as the bundle; else the compiled code is wrong: please file an issue "
        + "with the file.";

    // What other weights compute is further off; what rounding makes of a deep network is nearer.
    private const double LargestRounding = 1e-3;

    private const string LessRounding =
        "A difference of this size can be rounding: --precise computes convolutions with less of it, and --tolerance allows more.";

    /// <summary>Whose fault a failure is, as a sentence, where that was found out.</summary>
    public string? Fault { get; init; }

    /// <summary>The diagnostics of what is wrong, labels first; none where the session agrees.</summary>
    public IEnumerable<Diagnostic> Failures(string model, double tolerance)
    {
        var place =
            FormattableString.Invariant(
                $"{model}, {InstructionSet.ToString().ToLowerInvariant()}, {Threads} {(Threads == 1 ? "thread" : "threads")}"
            ) + (Reference == ReferenceOutputs.Interpreter ? "" : $", against {Reference}");
        if (LabelErrors > 0)
            yield return new Diagnostic(
                DiagnosticDescriptors.VerificationLabels,
                place,
                FormattableString.Invariant($"{LabelErrors} of {Images} images with another class, first image {FirstLabelError}"),
                "none",
                Fault ?? SameTraining
            );
        if (!(MaximumError <= tolerance))
            yield return new Diagnostic(
                DiagnosticDescriptors.VerificationDrift,
                place,
                FormattableString.Invariant(
                    $"a difference of {MaximumError:0.0e-00} of the largest output at input {WorstInput}, output {WorstOutput}"
                ),
                FormattableString.Invariant($"at most {tolerance:0.0e-00}"),
                Fault ?? (MaximumError <= LargestRounding ? LessRounding : SameTraining)
            );
    }

    /// <summary>The sessions as a table for a terminal.</summary>
    /// <param name="sessions">The sessions.</param>
    /// <param name="model">The model, as the user named it.</param>
    /// <param name="tolerance">The largest difference allowed.</param>
    /// <param name="isJudgedByLayer">Whether layers on their own judge a session, in place of its outputs; null for none.</param>
    public static TextTable Table(
        IEnumerable<SessionVerdict> sessions,
        string model,
        double tolerance,
        Func<SessionVerdict, bool>? isJudgedByLayer = null
    )
    {
        var table = new TextTable(
            "reference",
            "instruction set",
            ">threads",
            ">images",
            ">same labels",
            ">absolute",
            ">relative",
            ">ulps",
            ">1 - cosine",
            "verdict"
        );
        foreach (var session in sessions)
            table.Add(
                session.Reference,
                session.InstructionSet.ToString().ToLowerInvariant(),
                Figures.Count(session.Threads),
                Figures.Count(session.Images),
                Figures.Count(session.SameLabels),
                Figures.Scientific(session.MaximumAbsoluteError),
                Figures.Scientific(session.MaximumError),
                Figures.Short(session.MaximumUlps),
                Figures.Scientific(1 - session.SmallestCosine),
                !session.Failures(model, tolerance).Any() ? "ok"
                    : isJudgedByLayer?.Invoke(session) == true ? "by layer"
                    : "FAILED"
            );
        return table;
    }
}

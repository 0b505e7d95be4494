using Subp.Core.Diagnostics;
using Subp.Tooling.Verification.SpecialValues;
using Subp.Tooling.Verification.Steps;

namespace Subp.Tooling.Verification;

/// <summary>All that verifying one model has found out.</summary>
/// <param name="Model">The model, as the user named it.</param>
/// <param name="Inputs">What it ran on, in words.</param>
/// <param name="Tolerance">The largest difference allowed, relative to the largest output of an input.</param>
/// <param name="Sessions">How every session compares with every reference.</param>
internal sealed record VerifyReport(string Model, string Inputs, double Tolerance, IReadOnlyList<SessionVerdict> Sessions)
{
    /// <summary>How far the network is from the ONNX file it was read of; null where ONNX Runtime did not run both.</summary>
    public ImportVerdict? Import { get; init; }

    /// <summary>How the value of every layer compares; empty where layers were not asked for.</summary>
    public IReadOnlyList<LayerVerdict> Layers { get; init; } = [];

    /// <summary>How many steps bytes are apart, or null where nothing is bytes or there is nothing to compare with.</summary>
    public StepReport? Steps { get; init; }

    /// <summary>
    /// Every layer against the interpreter on the values that the compiled code gave it, where computed floats become bytes; else null.
    /// It judges the sessions that compute the same.
    /// </summary>
    public InterpretedReport? Apart { get; init; }

    /// <summary>What layers make of special values; empty where they were not asked for.</summary>
    public IReadOnlyList<SpecialVerdict> SpecialValues { get; init; } = [];

    /// <summary>What is wrong; empty where everything agrees.</summary>
    public IReadOnlyList<Diagnostic> Failures() =>
        [
            .. Import?.Failure(Model) is { } import ? new[] { import } : [],
            .. Sessions.Where(verdict => Apart?.Judges(verdict) != true).SelectMany(verdict => verdict.Failures(Model, Tolerance)),
            .. Apart?.Layers.Failures(Model, Tolerance) ?? LayerVerdict.FirstDrifts(Layers, Tolerance),
            .. Steps?.Failures(Model, Tolerance) ?? [],
            .. SpecialVerdict.Failures(SpecialValues),
        ];

    /// <summary>Writes all of it as tables.</summary>
    public void WriteTables(TextWriter output)
    {
        SessionVerdict.Table(Sessions, Model, Tolerance, verdict => Apart?.Judges(verdict) == true).Write(output);
        if (Import is not null)
        {
            output.WriteLine();
            output.WriteLine(Import.Summary());
        }

        if (Apart is not null)
        {
            output.WriteLine();
            Apart.Layers.Table().Write(output);
            output.WriteLine(
                "Computed floats become bytes in this network, and a last bit can move a byte by a step: layers are judged on their own."
            );
            output.WriteLine(Apart.Layers.Summary());
        }

        if (Layers.Count > 0)
        {
            output.WriteLine();
            LayerVerdict.Table(Layers, Tolerance).Write(output);
        }

        if (Steps is not null)
        {
            output.WriteLine();
            Steps.Table().Write(output);
            output.WriteLine(Steps.Summary());
        }

        if (SpecialValues.Count > 0)
        {
            output.WriteLine();
            SpecialVerdict.Table(SpecialValues).Write(output);
            output.WriteLine(SpecialVerdict.Explanation);
        }
    }
}

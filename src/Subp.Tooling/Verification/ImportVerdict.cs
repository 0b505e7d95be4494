using Subp.Core.Diagnostics;

namespace Subp.Tooling.Verification;

/// <summary>How far an exported network is from the ONNX file that it was imported from, both run by ONNX Runtime.</summary>
/// <param name="Error">The largest difference, relative to the largest output.</param>
/// <param name="Allowed">The largest one that is no defect.</param>
internal sealed record ImportVerdict(double Error, double Allowed)
{
    /// <summary>What is wrong; null where import and export left the network what it is.</summary>
    /// <param name="path">The file.</param>
    public Diagnostic? Failure(string path) =>
        Error <= Allowed
            ? null
            : new Diagnostic(
                DiagnosticDescriptors.VerificationDrift,
                $"{path}, exported as it was read",
                FormattableString.Invariant(
                    $"a difference of {Error:0.0e-00} of the largest output from the file itself, both run by ONNX Runtime"
                ),
                FormattableString.Invariant($"at most {Allowed:0.0e-00}"),
                "This is a defect of import or export; please file an issue with the file."
            );

    /// <summary>The verdict as a sentence.</summary>
    public string Summary() =>
        FormattableString.Invariant(
            $"The file itself and the network as it was read and exported, both run by ONNX Runtime: {Error:0.0e-00} of the largest output "
        ) + FormattableString.Invariant($"apart, at most {Allowed:0.0e-00} allowed.");
}

using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Cli.Compression;

/// <summary>Restoring without data needs the statistics that batch normalisations hold.</summary>
internal static class NormCheck
{
    /// <summary>Warns where a network has none.</summary>
    public static void Require(Model model, string source, CommandContext context)
    {
        if (!model.Graph.Nodes.Any(node => node.Operator is BatchNorm))
            context.Report(
                new Diagnostic(
                    DiagnosticDescriptors.NothingToRestoreFrom,
                    source,
                    "no batch normalisation that is not folded",
                    "one behind every convolution, whose statistics say what is lost",
                    "Give inputs with --calibration, or start from a file in which normalisations are not folded."
                )
            );
    }
}

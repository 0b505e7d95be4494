using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Tooling.Text;

namespace Subp.Tooling.Verification;

/// <summary>How the value of one layer in one session compares with a reference.</summary>
/// <param name="Reference">The reference.</param>
/// <param name="InstructionSet">The instruction set.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Index">The position in the order of execution.</param>
/// <param name="Layer">The name of the layer.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="Error">How far its value is.</param>
internal sealed record LayerVerdict(
    string Reference,
    InstructionSet InstructionSet,
    int Threads,
    int Index,
    string Layer,
    string Operator,
    ErrorFigures Error
)
{
    /// <summary>For each session and reference the first layer that drifts, as a diagnostic.</summary>
    public static IEnumerable<Diagnostic> FirstDrifts(IEnumerable<LayerVerdict> layers, double tolerance) =>
        layers
            .Where(layer => !(layer.Error.Relative <= tolerance))
            .GroupBy(layer => (layer.Reference, layer.InstructionSet, layer.Threads))
            .Select(group => group.MinBy(layer => layer.Index)!)
            .Select(first => new Diagnostic(
                DiagnosticDescriptors.LayerDrift,
                FormattableString.Invariant(
                    $"layer '{first.Layer}', {first.InstructionSet.ToString().ToLowerInvariant()}, {first.Threads} "
                ) + FormattableString.Invariant($"{(first.Threads == 1 ? "thread" : "threads")}, against {first.Reference}"),
                FormattableString.Invariant(
                    $"a difference of {first.Error.Relative:0.0e-00} of the largest element at element {first.Error.Worst}"
                ),
                FormattableString.Invariant($"at most {tolerance:0.0e-00}"),
                "Layers before it agree; try --precise."
            ));

    /// <summary>One row for each layer and reference, with the worst of all sessions.</summary>
    public static TextTable Table(IEnumerable<LayerVerdict> layers, double tolerance)
    {
        var table = new TextTable("layer", "operator", "reference", ">absolute", ">relative", ">ulps", ">1 - cosine", "verdict");
        foreach (var group in layers.GroupBy(layer => (layer.Index, layer.Reference)).OrderBy(group => group.Key.Index))
        {
            var worst = group.Aggregate(ErrorFigures.None, (error, layer) => error.Or(layer.Error));
            table.Add(
                group.First().Layer,
                group.First().Operator,
                group.Key.Reference,
                Figures.Scientific(worst.Absolute),
                Figures.Scientific(worst.Relative),
                Figures.Short(worst.Ulps),
                Figures.Scientific(1 - worst.Cosine),
                worst.Relative <= tolerance ? "ok" : "DRIFTS"
            );
        }

        return table;
    }
}

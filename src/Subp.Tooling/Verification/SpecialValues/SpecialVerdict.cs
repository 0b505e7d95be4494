using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Tooling.Text;

namespace Subp.Tooling.Verification.SpecialValues;

/// <summary>How one layer in one session treats special values, over all inputs.</summary>
/// <param name="InstructionSet">The instruction set.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Index">The position in the order of execution.</param>
/// <param name="Layer">The name of the layer.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="Comparison">What became of its elements.</param>
internal sealed record SpecialVerdict(
    InstructionSet InstructionSet,
    int Threads,
    int Index,
    string Layer,
    string Operator,
    SpecialComparison Comparison
)
{
    /// <summary>What the columns of the table mean, and what the check does not see.</summary>
    public const string Explanation = """
        Each layer is compared on the inputs the compiled network gave it, all sessions and inputs together. Not compared: elements
        to which a kernel may spread an infinity or a NaN ("may be spread": Winograd tiles, grouped convolutions that share a block of
        channels), and sums with floats from 2^64 on ("may overflow"). A special value
        that reaches many elements leaves little to compare in deep layers.
        """;

    /// <summary>The layers that are wrong, each with its first element that is.</summary>
    public static IEnumerable<Diagnostic> Failures(IEnumerable<SpecialVerdict> layers) =>
        layers
            .Where(layer => layer.Comparison.Wrong > 0)
            .GroupBy(layer => layer.Layer)
            .Select(group => group.First())
            .Select(layer => new Diagnostic(
                DiagnosticDescriptors.SpecialValueDiffers,
                FormattableString.Invariant(
                    $"layer '{layer.Layer}', {layer.InstructionSet.ToString().ToLowerInvariant()}, threads: {layer.Threads}"
                ),
                FormattableString.Invariant(
                    $"{layer.Comparison.Found} at element {layer.Comparison.First}, {layer.Comparison.Wrong} wrong elements in all"
                ),
                FormattableString.Invariant($"{layer.Comparison.Expected}"),
                "This is a defect of the compiler; please report it with the .subp file."
            ));

    /// <summary>One row for each layer, the sums over all sessions.</summary>
    public static TextTable Table(IEnumerable<SpecialVerdict> layers)
    {
        var table = new TextTable("layer", "operator", ">NaN", ">infinite", ">numbers", ">may be spread", ">may overflow", "verdict");
        foreach (var group in layers.GroupBy(layer => layer.Index).OrderBy(group => group.Key))
        {
            var all = group.Aggregate(SpecialComparison.None, (sum, layer) => sum.And(layer.Comparison));
            table.Add(
                group.First().Layer,
                group.First().Operator,
                Figures.Count(all.NaN),
                Figures.Count(all.Infinite),
                Figures.Count(all.Numbers),
                Figures.Count(all.Spread),
                Figures.Count(all.Overflow),
                all.Wrong == 0 ? "ok" : "WRONG"
            );
        }

        return table;
    }
}

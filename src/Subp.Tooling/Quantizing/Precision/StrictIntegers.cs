using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Tooling.Quantizing.Precision;

/// <summary>
/// Refuses a network of bytes in which floats are computed: a layer with weights, or anything between two layers of bytes. What is done to
/// the result behind the last of them, as a softmax, may be.
/// </summary>
internal static class StrictIntegers
{
    /// <summary>Requires that a network computes on bytes.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="reason">Why a node computes on floats, where that is known.</param>
    /// <exception cref="SubpException">SUBP0599: it does not.</exception>
    public static void Require(Graph graph, Func<string, string?> reason)
    {
        GraphNode[] floats = [.. graph.Nodes.Where(node => ComputesOnFloats(graph, node))];
        var before = LeadsToBytes(graph);
        GraphNode[] wrong = [.. floats.Where(node => HasWeights(node) || before.Contains(node.Name))];
        if (wrong.Length == 0)
            return;
        var first = wrong[0];
        throw new SubpException(
            DiagnosticDescriptors.FloatsAmongBytes,
            $"layer '{first.Name}'",
            $"{first.Operator.Mnemonic} on floats{(reason(first.Name) is { } why ? $" ({why})" : "")}"
                + (wrong.Length > 1 ? FormattableString.Invariant($", and {wrong.Length - 1} more") : ""),
            "bytes only, as --strict-int8 asks for",
            "Leave --strict-int8 out to compute such layers on floats."
        );
    }

    /// <summary>True for a node that reads and makes floats; conversions do not.</summary>
    public static bool ComputesOnFloats(Graph graph, GraphNode node) =>
        node.Type.Quantization is null
        && node.Operator is not (Constant or ChangeLayout)
        && node.Inputs.All(input => graph.TypeOf(input).Quantization is null);

    private static bool HasWeights(GraphNode node) => node.Operator.Parameters.Any(use => use.Role == "weight");

    private static HashSet<string> LeadsToBytes(Graph graph)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Reverse())
        {
            if (node.Type.Quantization is not null || values.Contains(node.Name))
                values.UnionWith(node.Inputs);
        }

        return values;
    }
}

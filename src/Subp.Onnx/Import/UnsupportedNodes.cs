using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <summary>
/// Refuses the nodes that no converter exists for, all of a file at once: whoever has to rewrite a network wants to know the whole list.
/// </summary>
internal static class UnsupportedNodes
{
    /// <summary>What to do about a node that cannot be imported.</summary>
    public const string Advice =
        "Rewrite these layers with supported operators before the export, or cut the network in front of them with --outputs NAME.";

    /// <summary>Looks at every node that the outputs need.</summary>
    /// <exception cref="SubpException">Some have an operator that is not supported.</exception>
    public static void Refuse(IReadOnlyList<NodeProto> nodes, int opset)
    {
        NodeProto[] unknown = [.. nodes.Where(node => OperatorTable.Find(node) is null)];
        if (unknown.Length > 0)
            throw new SubpException(
                DiagnosticDescriptors.OnnxUnsupportedOperator,
                GraphIndex.Label(unknown[0]),
                List(unknown, opset),
                FormattableString.Invariant($"the {OperatorTable.Supported.Count} operators that docs/onnx-operators.md lists"),
                Advice
            );
    }

    private static string Domain(string domain) => ModelParser.IsStandardDomain(domain) ? "" : domain;

    // The operator in most need of a rewrite first.
    private static string List(IEnumerable<NodeProto> nodes, int opset) =>
        string.Join(
            ", ",
            nodes
                .GroupBy(node => (Domain(node.Domain), node.OpType))
                .OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key.OpType, StringComparer.Ordinal)
                .Select(group =>
                    (
                        group.Key.Item1.Length == 0
                            ? FormattableString.Invariant($"{group.Key.OpType} of opset {opset}")
                            : $"{group.Key.OpType} of the domain {group.Key.Item1}"
                    )
                    + FormattableString.Invariant($" ({group.Count()} {(group.Count() == 1 ? "node" : "nodes")}, ")
                    + $"first {GraphIndex.Name(group.First())})"
                )
        );
}

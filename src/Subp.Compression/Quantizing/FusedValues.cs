using Subp.Core.Graphs;

namespace Subp.Compression.Quantizing;

/// <summary>Finds for every value of a fused network the value of the original network that it is.</summary>
internal static class FusedValues
{
    /// <summary>What is known of the values of a network, under the names of the fused network.</summary>
    public static Dictionary<string, ValueFacts> Rename(IReadOnlyDictionary<string, ValueFacts> facts, Graph original, Graph fused)
    {
        var renamed = new Dictionary<string, ValueFacts>(StringComparer.Ordinal);
        foreach (var input in fused.Inputs)
        {
            if (facts.TryGetValue(input.Name, out var known))
                renamed[input.Name] = known;
        }

        foreach (var node in fused.Nodes)
        {
            if (facts.TryGetValue(End(node, original, fused), out var known))
                renamed[node.Name] = known;
        }

        return renamed;
    }

    // A fused layer bears the name of its first node and does what those nodes behind it do that became part of it.
    private static string End(GraphNode node, Graph original, Graph fused) =>
        FusedChain.Of(original, fused, node).LastOrDefault()?.Name ?? node.Name;
}

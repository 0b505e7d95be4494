using Subp.Core.Graphs;
using Subp.Core.Operators;

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

    // A fused layer bears the name of its first node and does what the nodes behind it do that are gone: they are its only readers. An
    // addition went into one of its two operands, the one that reads the other by now.
    private static string End(GraphNode node, Graph original, Graph fused)
    {
        var value = node.Name;
        while (
            !original.IsOutput(value)
            && original.ConsumersOf(value) is [var reader]
            && fused.FindNode(reader.Name) is null
            && (reader.Operator is not Add || node is { Operator: Conv2d, Inputs.Count: 2 })
        )
            value = reader.Name;
        return value;
    }
}

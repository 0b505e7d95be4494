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

    // A fused layer bears the name of its first node and does what those nodes behind it do that became part of it.
    private static string End(GraphNode node, Graph original, Graph fused)
    {
        var isResidual = node is { Operator: Conv2d, Inputs.Count: 2 };
        return original.FindNode(node.Name) is { } first
            ? FusedChain
                .Behind(original, first, isResidual)
                .TakeWhile(follower => fused.FindNode(follower.Name) is null)
                .Aggregate(first, (_, follower) => follower)
                .Name
            : node.Name;
    }
}

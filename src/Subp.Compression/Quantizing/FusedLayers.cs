using Subp.Core.Graphs;

namespace Subp.Compression.Quantizing;

/// <summary>Which nodes of a network the layers of the network do that is computed in its place.</summary>
public static class FusedLayers
{
    /// <summary>
    /// For every layer of a fused network its own name and those of the nodes that became part of it. A normalisation or a padding that all
    /// of its readers took in became part of each of them.
    /// </summary>
    /// <param name="original">The network with batch normalisations that are not folded.</param>
    /// <param name="fused">The same network as it is to be computed.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Names(Graph original, Graph fused)
    {
        var owners = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var layer in fused.Nodes)
        {
            foreach (var part in FusedChain.Of(original, fused, layer))
                owners[part.Name] = [layer.Name];
        }

        foreach (var node in original.Nodes.Reverse().Where(node => !owners.ContainsKey(node.Name)))
        {
            // An output of the network lends its name to the layer that makes it.
            var output = FusedChain
                .Behind(original, node, isResidual: false)
                .FirstOrDefault(follower => fused.FindNode(follower.Name) is not null);
            owners[node.Name] = output is null
                ? [.. original.ConsumersOf(node.Name).SelectMany(reader => owners[reader.Name])]
                : owners[output.Name];
        }

        return fused.Nodes.ToDictionary(
            layer => layer.Name,
            IReadOnlyList<string> (layer) =>
                [
                    layer.Name,
                    .. owners.Where(owner => owner.Key != layer.Name && owner.Value.Contains(layer.Name)).Select(owner => owner.Key),
                ],
            StringComparer.Ordinal
        );
    }
}

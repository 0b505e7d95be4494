using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Engines;

/// <summary>
/// Which values of a network a network of bytes rounds: the input, and the results of all layers that make new numbers, behind the
/// normalisations and clamps that become part of them. The logits stay as they are.
/// </summary>
internal static class RoundedValues
{
    /// <summary>The values, the input first.</summary>
    public static IEnumerable<string> Of(TrainedNetwork network)
    {
        yield return network.Graph.Inputs[0].Name;
        foreach (var node in network.Nodes)
        {
            if (node.Name != network.Logits && MakesNumbers(node.Operator) && !IsTakenIn(network.Graph, node))
                yield return node.Name;
        }
    }

    private static bool MakesNumbers(Operator @operator) =>
        @operator
            is Conv2d
                or Linear
                or BatchNorm
                or Add
                or Mul
                or Activate
                or Concat
                or GlobalAveragePool
                or Pool2d { Kind: PoolKind.Average };

    // The one reader makes one layer of the two.
    private static bool IsTakenIn(Graph graph, GraphNode node) =>
        !graph.IsOutput(node.Name)
        && graph.ConsumersOf(node.Name) is [var reader]
        && (node.Operator, reader.Operator) switch
        {
            (Conv2d or Linear, BatchNorm) => true,
            (Conv2d or Linear or BatchNorm or Add or Mul, Activate { Activation.IsClamp: true }) => true,
            _ => false,
        };
}

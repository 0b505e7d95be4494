using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Cli.Compression;

/// <summary>What a network is stored with beside the weights of its layers, which bits do not change.</summary>
internal static class StoredBeside
{
    /// <summary>The bytes of all parameters of the packed network but the weights of its convolutions and linear layers.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="getsBiases">Whether layers without a bias may get one, which takes back what rounding adds on average.</param>
    public static long Bytes(Model model, bool getsBiases)
    {
        var graph = PassPipeline.Pack(model).Graph;
        GraphNode[] layers = [.. graph.Nodes.Where(node => node.Operator is Conv2d or Linear)];
        var weights = layers.Select(layer => layer.Operator.Parameters[0].Name).ToHashSet(StringComparer.Ordinal);
        var numbers = graph
            .Parameters.Where(parameter => !weights.Contains(parameter.Name))
            .Sum(parameter => (long)parameter.Shape.ElementCount);
        if (getsBiases)
            numbers += layers
                .Where(layer => layer.Operator.Parameters.Count == 1)
                .Sum(layer => (long)graph.Parameter(layer.Operator.Parameters[0].Name).Shape[0]);
        return sizeof(float) * numbers;
    }
}

using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Fuzzing.Targets;

/// <summary>Random networks of bytes, every third with weights of few bits, as samples.</summary>
internal static class QuantizedNetworks
{
    private const int Count = 12;

    /// <summary>The networks.</summary>
    public static IReadOnlyList<Model> All { get; } = [.. Enumerable.Range(1, Count).Select(Create)];

    private static Model Create(int seed)
    {
        var graph = QuantizedGraph.Of(RandomGraph.Create(seed).Graph, seed);
        var model = RandomWeights.For(graph, seed);
        // Packing finds the bits, and blocks as well.
        return seed % 3 == 0 ? PassPipeline.Pack(FewBitWeights.Of(model, 2 + (seed % 5))) : model;
    }
}

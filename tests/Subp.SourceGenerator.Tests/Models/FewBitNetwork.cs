using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.SourceGenerator.Tests.Models;

/// <summary>The small network with weights of few bits, on floats or on bytes, packed as commands leave it.</summary>
internal static class FewBitNetwork
{
    /// <summary>The network; its input is that of <see cref="TinyNetwork"/>.</summary>
    /// <param name="bits">The bits of a weight, 2 to 8.</param>
    /// <param name="isOfBytes">Whether it computes on bytes.</param>
    public static Model Model(int bits, bool isOfBytes)
    {
        var graph = TinyNetwork.Build();
        var model = RandomWeights.For(isOfBytes ? QuantizedGraph.Of(graph, seed: 1) : graph, seed: 1);
        return PassPipeline.Pack(FewBitWeights.Of(model, bits));
    }
}

using Subp.Compiler;
using Subp.Compiler.Passes;
using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Tooling.Quantizing;

/// <summary>
/// The network as its layers of bytes compute it: what is fused here is rounded once. Residual additions stay nodes of their own, between
/// bytes: other runtimes compute nothing else on bytes, and the compiler does the addition while the rounded result is in registers.
/// </summary>
internal static class FusedNetwork
{
    private static readonly GraphPass[] s_passes = [new DropDeadNodes(), new FoldPad(), new FuseActivation { ClampsOnly = true }];

    /// <summary>Packs a network, makes layers of normalisations that are left, and fuses clamps into the layers before them.</summary>
    public static Model Of(Model unfolded)
    {
        var packed = NormalizationLayers.Replace(PassPipeline.Pack(unfolded));
        var graph = packed.Graph;
        foreach (var pass in s_passes)
            graph = pass.Run(graph);
        GraphVerifier.Verify(graph);
        // Nodes that nothing reads have left, and their weights with them.
        var used = graph.Nodes.SelectMany(node => node.Operator.Parameters).Select(use => use.Name).ToHashSet(StringComparer.Ordinal);
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters.Where(parameter => used.Contains(parameter.Name)))
            weights[parameter.Name] = packed.Weights[parameter.Name];
        return new Model(graph.With(parameters: [.. graph.Parameters.Where(parameter => used.Contains(parameter.Name))]), weights);
    }
}

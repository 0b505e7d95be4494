using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Compiler.Planning;

/// <summary>
/// Which nodes have kernels. The graph may know more than the compiler does; what no kernel computes is refused here by name, before any
/// pass could mistake it for what it looks like.
/// </summary>
internal static class KernelCoverage
{
    /// <summary>Requires kernels for every node.</summary>
    /// <exception cref="SubpException">A node has none.</exception>
    public static void Require(Graph graph)
    {
        GraphVerifier.RequireFloat(graph, "compiling");
        foreach (var node in graph.Nodes)
        {
            if (!KernelFamilies.Accepts(graph, node))
                throw KernelChoices.NoKernel(graph, node);
        }
    }
}

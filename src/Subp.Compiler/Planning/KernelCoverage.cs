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
        foreach (var node in graph.Nodes)
        {
            if (!ImageKernels.Compute(graph, node) && !KernelFamilies.Accepts(graph, node))
                throw new SubpException(
                    DiagnosticDescriptors.NoKernelForOperator,
                    $"layer '{node.Name}'",
                    $"the operator {node.Operator.Mnemonic} for {string.Join(" and ", node.Inputs.Select(graph.ShapeOf))}",
                    "an operator that the compiler has kernels for",
                    "Run the network with the reference interpreter, or replace the layer."
                );
        }
    }
}

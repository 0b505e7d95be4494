using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;

namespace Subp.Compiler.Planning;

/// <summary>
/// Which forms of the operators have kernels. The graph knows more than the compiler does; what no kernel computes is refused here by name,
/// before any pass could mistake it for what it looks like.
/// </summary>
internal static class KernelCoverage
{
    /// <summary>Requires kernels for every node.</summary>
    /// <exception cref="SubpException">A node has none.</exception>
    public static void Require(Graph graph)
    {
        GraphVerifier.RequireImagesAndVectors(graph);
        foreach (var node in graph.Nodes)
        {
            if (BasicForms.Beyond(graph, node) is { } form)
                throw new SubpException(
                    DiagnosticDescriptors.NoKernelForOperator,
                    $"layer '{node.Name}'",
                    form,
                    "an operator that the compiler has kernels for",
                    "Run the network with the reference interpreter, or replace the layer."
                );
        }
    }
}

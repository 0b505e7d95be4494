using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;

namespace Subp.Compiler.Planning.Hints;

/// <summary>Whether the hints of a file are of layers that have choices, and in words that the families of these know.</summary>
internal static class HintedNodes
{
    /// <summary>Requires that the families of the nodes can read all hints.</summary>
    /// <param name="hints">The hints of the file.</param>
    /// <param name="graph">The graph after the compile passes: its nodes are the layers that inspect and bench name.</param>
    /// <exception cref="SubpException">SUBP0605: a node, a key or a word is not known, or hints contradict each other.</exception>
    public static void Check(PlanHints hints, Graph graph)
    {
        foreach (var name in hints.Nodes)
        {
            if (graph.FindNode(name) is not { } node)
                throw new SubpException(
                    DiagnosticDescriptors.InvalidHint,
                    $"hint of '{name}'",
                    "a node that is no layer of the compiled network",
                    "a convolution",
                    Spelling.Suggest(
                        name,
                        graph.Nodes.Where(candidate => KernelFamilies.HasChoices(graph, candidate)).Select(candidate => candidate.Name)
                    )
                );
            if (!KernelFamilies.HasChoices(graph, node))
                throw Misfit(
                    name,
                    $"a hint for {node.Operator.Mnemonic}",
                    "a convolution that is not depthwise, or a linear layer that is block-sparse or of bytes"
                );
            KernelFamilies.CheckHints(graph, node, hints.Of(name));
        }
    }

    /// <summary>The diagnostic of a hint that a layer cannot follow.</summary>
    public static SubpException Misfit(string node, string found, string expected) =>
        new(DiagnosticDescriptors.InvalidHint, $"hint of '{node}'", found, expected, "Remove the hint, or run subp tune again.");
}

using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Text;
using Subp.Core.Weights;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Hints that put layers of a network into stripes that have a kernel for them.</summary>
internal static class StripeHints
{
    /// <summary>All such layers of a network as a user has it.</summary>
    public static PlanHints For(Model model) => For(model, _ => "stripes");

    /// <summary>The layouts that are drawn for such layers; null leaves one to the planner.</summary>
    /// <param name="model">The network as a user has it.</param>
    /// <param name="word">Draws the word of a layer.</param>
    public static PlanHints For(Model model, Func<string, string?> word)
    {
        var graph = PassPipeline.Compile(PassPipeline.Pack(model).Graph);
        var choices = new KernelChoices(graph, new CompileOptions());
        var hints = PlanHints.Create();
        foreach (var node in graph.Nodes.Where(node => KernelFamilies.InStripes(choices, node) is not null))
        {
            if (word(node.Name) is { } layout)
                hints.Add(node.Name, "layout", layout);
        }

        return hints.Build();
    }
}

using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Text;
using Subp.Core.Weights;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Hints that put every layer of a network into stripes that has a kernel for them.</summary>
internal static class StripeHints
{
    /// <summary>The hints of a network as a user has it; none where no layer has such a kernel.</summary>
    public static PlanHints For(Model model)
    {
        var graph = PassPipeline.Compile(PassPipeline.Pack(model).Graph);
        var choices = new KernelChoices(graph, new CompileOptions());
        var hints = PlanHints.Create();
        foreach (var node in graph.Nodes.Where(node => KernelFamilies.InStripes(choices, node) is not null))
            hints.Add(node.Name, "layout", "stripes");
        return hints.Build();
    }
}

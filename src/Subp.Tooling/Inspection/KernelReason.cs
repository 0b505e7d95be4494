using Subp.Compiler.Planning;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Tooling.Text;

namespace Subp.Tooling.Inspection;

/// <summary>Prints why a layer has the kernel that it has: the candidates with their predicted costs.</summary>
internal static class KernelReason
{
    /// <summary>The layer of a name.</summary>
    /// <exception cref="SubpException">There is none.</exception>
    public static LayerPlan Find(ModelPlan plan, string name) =>
        plan.Layers.FirstOrDefault(layer => layer.Node.Name == name)
        ?? throw new SubpException(
            DiagnosticDescriptors.Usage,
            "--why",
            $"'{name}'",
            "a layer of the compiled network",
            Behind(plan, name) is { } layer
                ? $"It was made part of a layer in front of it, or shares its memory: ask for '{layer.Node.Name}'."
                : Spelling.Suggest(name, plan.Layers.Select(layer => layer.Node.Name))
        );

    // The layer that a node of the network stands behind which became no layer.
    private static LayerPlan? Behind(ModelPlan plan, string name)
    {
        var node = plan.Source.FindNode(name);
        while (node is { Inputs.Count: > 0 })
        {
            var front = plan.Source.FindNode(node.Inputs[0]);
            if (plan.Layers.FirstOrDefault(layer => layer.Node.Name == front?.Name) is { } layer)
                return layer;
            node = front;
        }

        return null;
    }

    /// <summary>Prints the explanation of a layer.</summary>
    public static void Write(TextWriter output, string layer, KernelExplanation explanation)
    {
        output.WriteLine($"{layer}: {explanation.Kernel}, by the costs of {explanation.Machine}");
        if (explanation.Remark is { } remark)
            output.WriteLine(remark);
        output.WriteLine();
        var table = new TextTable("candidate", ">predicted cycles", ">of the chosen", "");
        var chosen = explanation.Algorithms.First(kernel => kernel.IsChosen).Cycles;
        foreach (var kernel in explanation.Algorithms.Concat(explanation.Variants))
            table.Add(
                kernel.Name,
                Figures.Count((long)Math.Round(kernel.Cycles)),
                Figures.Percent(kernel.Cycles / chosen, 0),
                kernel.IsChosen ? "chosen" : ""
            );
        table.Write(output);
    }
}

using Subp.Compiler.Planning;
using Subp.Core.Diagnostics;

namespace Subp.Tooling.Compilation;

/// <summary>Says which layers of a sparse network did not get the kernel that was hoped for, and why: a fallback is never silent.</summary>
internal static class LayerNotes
{
    /// <summary>One Info for each such layer; none for a network without pruned blocks, whose layers are dense by intent.</summary>
    public static IEnumerable<Diagnostic> Of(ModelPlan plan) =>
        plan.Layers.Any(layer => layer.KeptMacs < layer.DenseMacs)
            ? plan
                .Layers.Where(layer => layer.DenseReason is not null)
                .Select(layer => new Diagnostic(DiagnosticDescriptors.LayerRunsDense, $"layer '{layer.Node.Name}'", layer.DenseReason!))
            : [];
}

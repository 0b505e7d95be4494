using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission;

/// <summary>Writes the C# of a planned model: the runtime parts, one file per layer, one run list per instruction set.</summary>
public static class ModelEmitter
{
    /// <summary>The files; the same plan always gives the same bytes.</summary>
    public static IReadOnlyList<EmittedFile> Emit(ModelPlan plan) => [.. RuntimeEmitter.Emit(plan), .. KernelEmitter.Emit(plan)];
}

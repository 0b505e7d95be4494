using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission;

/// <summary>Writes the C# of a planned model: the runtime parts, one file per layer, one run list per instruction set.</summary>
public static class ModelEmitter
{
    /// <summary>The files; the same plan always gives the same bytes.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellation">Ends the work early, between two layers.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<EmittedFile> Emit(ModelPlan plan, CancellationToken cancellation = default) =>
        [.. RuntimeEmitter.Emit(plan), .. KernelEmitter.Emit(plan, cancellation)];
}

using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Tooling.Compilation;

/// <summary>What compiling made of a network whose assembly went to a file.</summary>
/// <param name="Plan">What was decided.</param>
/// <param name="Sources">The emitted C#.</param>
/// <param name="Symbols">The symbols and the documentation of the assembly.</param>
/// <param name="AssemblyBytes">The size of the assembly.</param>
internal sealed record CompiledFile(ModelPlan Plan, IReadOnlyList<EmittedFile> Sources, CompiledSymbols Symbols, long AssemblyBytes)
{
    /// <summary>Plans, emits and compiles a network with its plan hints into a new file.</summary>
    /// <param name="path">The file of the assembly.</param>
    /// <param name="model">A packed network.</param>
    /// <param name="options">The compile options.</param>
    /// <param name="assemblyName">The name of the assembly; null for the name of the class.</param>
    /// <param name="observer">Hears of each pass.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled.</exception>
    public static CompiledFile Compile(
        string path,
        Model model,
        CompileOptions options,
        string? assemblyName = null,
        PassObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        using var assembly = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        return Compile(assembly, model, options, assemblyName, observer, cancellation);
    }

    /// <summary>The same into an empty stream to read, to write and to seek in.</summary>
    public static CompiledFile Compile(
        Stream assembly,
        Model model,
        CompileOptions options,
        string? assemblyName,
        PassObserver? observer,
        CancellationToken cancellation
    )
    {
        var plan = CompiledNetwork.PlanOf(model, options, observer);
        cancellation.ThrowIfCancellationRequested();
        var sources = ModelEmitter.Emit(plan);
        cancellation.ThrowIfCancellationRequested();
        // Opened before the C# compiler runs, which has diagnostics of its own for resources that cannot be read.
        using var weights = plan.Options.Weights == WeightsLocation.File ? null : ModelBundle.OpenWeights(model);
        var symbols = ModelAssemblyCompiler.Compile(
            assembly,
            sources,
            weights is null ? null : () => weights,
            assemblyName ?? plan.ClassName,
            $"{plan.Options.Namespace}.{plan.ClassName}.safetensors",
            cancellation
        );
        return new CompiledFile(plan, sources, symbols, assembly.Length);
    }
}

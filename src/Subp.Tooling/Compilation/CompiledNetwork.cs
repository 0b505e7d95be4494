using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Tooling.Compilation;

/// <summary>A network with everything that compiling made of it.</summary>
/// <param name="Model">The network.</param>
/// <param name="Plan">What was decided.</param>
/// <param name="Sources">The emitted C#.</param>
/// <param name="Assembly">The DLL with its symbols and documentation.</param>
internal sealed record CompiledNetwork(Model Model, ModelPlan Plan, IReadOnlyList<EmittedFile> Sources, CompiledAssembly Assembly)
{
    /// <summary>Plans a network with its plan hints.</summary>
    /// <param name="model">A packed network.</param>
    /// <param name="options">The compile options; their hints are replaced.</param>
    /// <param name="observer">Hears of each pass.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled.</exception>
    public static ModelPlan PlanOf(Model model, CompileOptions options, PassObserver? observer = null) =>
        ModelPlanner.Plan(model.Graph, options with { Hints = model.Hints }, observer);

    /// <summary>Plans, emits and compiles a network with its plan hints.</summary>
    /// <param name="model">A packed network.</param>
    /// <param name="options">The compile options.</param>
    /// <param name="assemblyName">The name of the assembly; null for the name of the class.</param>
    /// <param name="observer">Hears of each pass.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled.</exception>
    public static CompiledNetwork Compile(
        Model model,
        CompileOptions options,
        string? assemblyName = null,
        PassObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        using var assembly = new MemoryStream();
        var file = CompiledFile.Compile(assembly, model, options, assemblyName, observer, cancellation);
        var compiled = new CompiledAssembly(assembly.ToArray(), file.Symbols.Pdb, file.Symbols.XmlDocumentation);
        return new CompiledNetwork(model, file.Plan, file.Sources, compiled);
    }
}

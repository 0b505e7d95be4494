using System.Globalization;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Tooling.Files;

namespace Subp.Tooling.Compilation;

/// <summary>Stages what a compilation leaves on disk.</summary>
internal static class AssemblyFiles
{
    /// <summary>The folder of the emitted C# that belongs to a DLL.</summary>
    public static string SourceFolder(string dllPath) => Path.ChangeExtension(dllPath, null) + ".src";

    /// <summary>
    /// Compiles a network into a DLL with its symbols, its documentation and, where they are not in it, its weights beside it.
    /// </summary>
    /// <param name="outputs">The outputs of the command.</param>
    /// <param name="dllPath">The DLL; the assembly bears its name.</param>
    /// <param name="model">A packed network.</param>
    /// <param name="plan">Its plan with the same options.</param>
    /// <param name="options">The compile options.</param>
    /// <param name="observer">Hears of each pass.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static CompiledFile Compile(
        OutputSet outputs,
        string dllPath,
        Model model,
        ModelPlan plan,
        CompileOptions options,
        PassObserver? observer,
        CancellationToken cancellation
    )
    {
        // Outputs get their names in the order in which they are announced: the DLL, which the others belong to, comes last.
        var pdb = outputs.StageFile(Path.ChangeExtension(dllPath, ".pdb"));
        var documentation = outputs.StageFile(Path.ChangeExtension(dllPath, ".xml"));
        if (plan.Options.Weights == WeightsLocation.File)
        {
            var weights = outputs.StageFile(Path.Combine(Path.GetDirectoryName(dllPath) ?? "", plan.ClassName + ".safetensors"));
            using var file = File.Create(weights);
            ModelBundle.Write(model, file);
        }

        var compiled = CompiledFile.Compile(
            outputs.StageFile(dllPath),
            model,
            options,
            Path.GetFileNameWithoutExtension(dllPath),
            observer,
            cancellation
        );
        File.WriteAllBytes(pdb, compiled.Symbols.Pdb);
        File.WriteAllBytes(documentation, compiled.Symbols.XmlDocumentation);
        return compiled;
    }

    /// <summary>The DLL of a network that was compiled in memory, with its symbols and its documentation.</summary>
    public static void Write(OutputSet outputs, string dllPath, CompiledNetwork network)
    {
        outputs.WriteFile(Path.ChangeExtension(dllPath, ".pdb"), network.Assembly.Pdb);
        outputs.WriteFile(Path.ChangeExtension(dllPath, ".xml"), network.Assembly.XmlDocumentation);
        outputs.WriteFile(dllPath, network.Assembly.Assembly);
    }

    /// <summary>The emitted C# in a folder of its own.</summary>
    public static void WriteSources(OutputSet outputs, string folder, IReadOnlyList<EmittedFile> sources)
    {
        var staged = outputs.StageFolder(folder, sources[0].Name);
        foreach (var source in sources)
            File.WriteAllText(Path.Combine(staged, source.Name), source.Text);
    }

    /// <summary>The network before and after every pass, as numbered .subp files without weights.</summary>
    public static void WriteDumps(OutputSet outputs, string folder, IReadOnlyList<(string Pass, Core.Graphs.Graph Graph)> dumps)
    {
        var staged = outputs.StageFolder(folder, DumpName(0, dumps[0].Pass));
        foreach (var (index, (pass, graph)) in dumps.Index())
            File.WriteAllText(Path.Combine(staged, DumpName(index, pass)), SubpPrinter.Print(graph));
    }

    private static string DumpName(int index, string pass) => string.Create(CultureInfo.InvariantCulture, $"{index:00}-{pass}.subp");
}

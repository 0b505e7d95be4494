using System.Globalization;
using Subp.Cli.Files;
using Subp.Compiler;
using Subp.Core.Text;
using Subp.Core.Weights;

namespace Subp.Cli.Compilation;

/// <summary>Stages what a compilation leaves on disk.</summary>
internal static class AssemblyFiles
{
    /// <summary>The folder of the emitted C# that belongs to a DLL.</summary>
    public static string SourceFolder(string dllPath) => Path.ChangeExtension(dllPath, null) + ".src";

    /// <summary>The DLL with its symbols, its documentation and, where they are not in it, its weights beside it.</summary>
    public static void Write(OutputSet outputs, string dllPath, CompiledNetwork network)
    {
        outputs.WriteFile(Path.ChangeExtension(dllPath, ".pdb"), network.Assembly.Pdb);
        outputs.WriteFile(Path.ChangeExtension(dllPath, ".xml"), network.Assembly.XmlDocumentation);
        if (network.Plan.Options.Weights == WeightsLocation.File)
            outputs.WriteFile(
                Path.Combine(Path.GetDirectoryName(dllPath) ?? "", network.Plan.ClassName + ".safetensors"),
                ModelBundle.Write(network.Model).Safetensors
            );
        outputs.WriteFile(dllPath, network.Assembly.Assembly);
    }

    /// <summary>The emitted C# in a folder of its own.</summary>
    public static void WriteSources(OutputSet outputs, string folder, CompiledNetwork network)
    {
        var staged = outputs.StageFolder(folder, network.Sources[0].Name);
        foreach (var source in network.Sources)
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

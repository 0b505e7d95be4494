using System.Runtime.InteropServices;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>A test that needs the shared library of ONNX Runtime: skipped, and shown as skipped, where there is none.</summary>
internal sealed class FactWithOnnxRuntimeAttribute : FactAttribute
{
    private const string Variable = "SUBP_ONNXRUNTIME_LIB";

    public FactWithOnnxRuntimeAttribute() =>
        Skip = Library is null ? $"There is no ONNX Runtime: run eng/get-onnxruntime, or set {Variable} to its shared library." : null;

    /// <summary>The library that the variable names, or the one that eng/get-onnxruntime left on Linux.</summary>
    public static string? Library { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Downloaded();

    private static string? Downloaded()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "artifacts", "onnxruntime", "node_modules", "onnxruntime-node", "bin");
        var processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        return Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, "libonnxruntime.so*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault(file => file.Contains($"/linux/{processor}/", StringComparison.Ordinal))
            : null;
    }
}

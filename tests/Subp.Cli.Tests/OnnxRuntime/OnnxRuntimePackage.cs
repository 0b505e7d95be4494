using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>The shared library of the package that these tests reference.</summary>
internal static class OnnxRuntimePackage
{
    /// <summary>The file, beside the tests.</summary>
    public static string Library { get; } =
        OnnxRuntimeFiles.Find(AppContext.BaseDirectory)
        ?? throw new InvalidOperationException("The package Microsoft.ML.OnnxRuntime has no library for this system and processor.");
}

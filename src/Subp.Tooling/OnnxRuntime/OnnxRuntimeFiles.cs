using System.Runtime.InteropServices;

namespace Subp.Tooling.OnnxRuntime;

/// <summary>
/// Finds the shared library of ONNX Runtime in a folder: the folder of an installation, an unpacked NuGet package or several of them, or
/// the folder of a program that references the package.
/// </summary>
internal static class OnnxRuntimeFiles
{
    private static readonly string s_system =
        OperatingSystem.IsWindows() ? "win"
        : OperatingSystem.IsMacOS() ? "osx"
        : "linux";

    private static readonly string s_name =
        OperatingSystem.IsWindows() ? "onnxruntime.dll"
        : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib"
        : "libonnxruntime.so";

    /// <summary>The library that lies in a folder for this system and processor, or null.</summary>
    /// <param name="folder">The folder, which exists.</param>
    public static string? Find(string folder)
    {
        var direct = Path.Combine(folder, s_name);
        if (File.Exists(direct))
            return direct;
        // A package holds the libraries of all systems.
        var processor = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        var ending = Path.Combine("runtimes", $"{s_system}-{processor}", "native", s_name);
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        var found = Directory
            .EnumerateFiles(folder, s_name, options)
            .Where(path => path.EndsWith(Path.DirectorySeparatorChar + ending, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        // Where several versions were unpacked side by side, the one that belongs to the managed half is meant.
        return Array.Find(found, path => path.Contains(OnnxRuntimeLibrary.PackageVersion, StringComparison.Ordinal))
            ?? found.LastOrDefault();
    }
}

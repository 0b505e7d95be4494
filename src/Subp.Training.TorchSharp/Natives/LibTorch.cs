using System.Runtime.InteropServices;
using Subp.Core.Diagnostics;

namespace Subp.Training.TorchSharp.Natives;

/// <summary>
/// Loads libtorch and TorchSharp's own native library before TorchSharp looks for them. TorchSharp, left alone, copies half a gigabyte
/// about before it says what is wrong, and it cannot be told of an adapted library.
/// </summary>
internal static class LibTorch
{
    private static readonly Lock s_gate = new();
    private static bool s_isLoaded;

    /// <summary>What was done so that the library loads, in one line for a log; null where nothing was.</summary>
    public static string? Remark { get; private set; }

    /// <summary>Loads the libraries once.</summary>
    /// <exception cref="SubpException">SUBP0521 where they are missing or do not load.</exception>
    public static void Load()
    {
        lock (s_gate)
        {
            if (s_isLoaded)
                return;

            Load(Path.GetDirectoryName(typeof(LibTorch).Assembly.Location)!, LibraryCache.Default);
            s_isLoaded = true;
        }
    }

    /// <summary>Loads the libraries that belong to a folder of managed assemblies.</summary>
    internal static void Load(string folder, LibraryCache cache)
    {
        string file = FileName("LibTorchSharp");
        string natives =
            Places(folder).FirstOrDefault(place => File.Exists(Path.Combine(place, file)))
            ?? throw NotLoadable(
                folder,
                $"no library {file} for {RuntimeInformation.RuntimeIdentifier}",
                "one of TorchSharp's packages for this system"
            );
        foreach (string name in new[] { "c10", "torch_cpu", "torch" })
            LoadFile(Path.Combine(natives, FileName(name)));

        string library = Path.Combine(natives, file);
        if (OlderRuntimeLibrary.IsHere())
        {
            try
            {
                if (cache.Adapted(library) is { } copy)
                {
                    Remark =
                        $"TorchSharp's library asks for {OlderRuntimeLibrary.MarkerVersion}, which this system lacks; an adapted copy "
                        + $"is used: {copy}";
                    library = copy;
                }
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                throw NotLoadable(
                    library,
                    exception.Message,
                    $"a C++ runtime library with {OlderRuntimeLibrary.MarkerVersion}, or a writable cache"
                );
            }
        }

        LoadFile(library);
    }

    // A build keeps the layout of the package, a publish for one system puts all libraries beside the assemblies.
    private static IEnumerable<string> Places(string folder)
    {
        yield return folder;
        yield return Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        string system =
            OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : "linux";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        yield return Path.Combine(folder, "runtimes", $"{system}-{architecture}", "native");
    }

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
        : $"lib{name}.so";

    // The handle is kept: a library that is loaded is found by its name from then on.
    private static void LoadFile(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw NotLoadable(path, exception.Message.Split('\n')[0].Trim(), "a library that loads");
        }
    }

    private static SubpException NotLoadable(string place, string found, string expected) =>
        new(
            DiagnosticDescriptors.EngineNotLoadable,
            place,
            found,
            expected,
            "Install the engine again on this machine: 'subp install-engine torchsharp --force'."
        );
}

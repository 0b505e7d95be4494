using System.Runtime.InteropServices;

namespace Subp.Training.TorchSharp.Natives;

/// <summary>
/// Lets TorchSharp's native library load where the C++ runtime library of the system ends at GLIBCXX_3.4.30 (Debian 12, Ubuntu 22.04). The
/// library needs one symbol of version 3.4.32: an empty marker of GCC 13 that iostreams are initialised, which those systems do by
/// themselves. A copy of the library asks for a function that every system has instead. The file of the package is never touched.
/// </summary>
internal static class OlderRuntimeLibrary
{
    /// <summary>The symbol that older systems lack.</summary>
    public const string Marker = "_ZSt21ios_base_library_initv";

    /// <summary>The version of the symbol.</summary>
    public const string MarkerVersion = "GLIBCXX_3.4.32";

    // In every libc, without arguments, without effect.
    private const string Substitute = "sched_yield";
    private const string RuntimeLibrary = "libstdc++.so.6";

    /// <summary>Whether the C++ runtime library of this process lacks the symbol.</summary>
    public static bool IsHere() =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad(RuntimeLibrary, out nint library)
        && !NativeLibrary.TryGetExport(library, Marker, out _);

    /// <summary>Changes the bytes of a library so that it loads with an older runtime library.</summary>
    /// <returns>False where the library does not need the symbol; the bytes are then as they were.</returns>
    /// <exception cref="InvalidDataException">The library needs more of the newer runtime library than this symbol.</exception>
    public static bool Adapt(byte[] library)
    {
        var image = new ElfImage(library);
        var versions = image.NeededVersions;
        var newer = versions.FirstOrDefault(version => version.Name == MarkerVersion);
        if (newer is null)
            return false;

        var symbols = image.SymbolsOf(newer.Index);
        if (symbols is not [(int symbol, Marker)] || image.Defines(symbol) || image.SharesName(symbol))
            throw new InvalidDataException($"other uses of {MarkerVersion} than {Marker}");

        var older = versions.Where(version => version.Library == newer.Library && version != newer).MaxBy(version => Order(version.Name));
        image.Rename(newer, older ?? throw new InvalidDataException($"no version of {newer.Library} besides {MarkerVersion}"));
        image.Rename(symbol, Substitute);
        return true;
    }

    // GLIBCXX_3.4.9 comes before GLIBCXX_3.4.30; names of other kinds come before all numbers.
    private static Version Order(string name) =>
        name.StartsWith("GLIBCXX_", StringComparison.Ordinal) && Version.TryParse(name["GLIBCXX_".Length..], out var version)
            ? version
            : new Version(0, 0);
}

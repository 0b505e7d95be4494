using System.Runtime.InteropServices;

namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>Loads the shared libraries of the peers and lets the declarations of their functions find them.</summary>
internal static class NativeLibraries
{
    private static readonly Dictionary<string, nint> Loaded = new(StringComparer.Ordinal);

    /// <summary>Loads a library, so that functions declared with its name can be called.</summary>
    /// <param name="name">The name that the declarations use.</param>
    /// <param name="paths">The files; the last one is the library, and those before it are what it needs, so that the system does not look
    /// for those itself.</param>
    /// <exception cref="DllNotFoundException">A file is no library for this system.</exception>
    public static nint Load(string name, IReadOnlyList<string> paths)
    {
        if (Loaded.TryGetValue(name, out var known))
            return known;
        if (Loaded.Count == 0)
            NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, static (name, _, _) => Loaded.GetValueOrDefault(name));
        nint library = 0;
        foreach (var path in paths)
            library = NativeLibrary.Load(path);
        return Loaded[name] = library;
    }
}

using System.Runtime.InteropServices;

namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>Hides AVX-512 from libraries that are loaded afterwards, by eng/hide-avx512.c: ONNX Runtime has no switch for it.</summary>
internal static partial class HiddenAvx512
{
    private const string Library = "peer-hide-avx512";

    /// <summary>Hides it from this thread and from those that it starts, for as long as the process lives.</summary>
    /// <param name="path">The library.</param>
    /// <exception cref="PeerException">The system or the processor cannot do it.</exception>
    public static void Hide(string path)
    {
        NativeLibraries.Load(Library, [path]);
        if (HideAvx512() != 0)
            throw new PeerException("this processor does not let AVX-512 be hidden from a library");
    }

    [LibraryImport(Library, EntryPoint = "hide_avx512")]
    private static partial int HideAvx512();
}

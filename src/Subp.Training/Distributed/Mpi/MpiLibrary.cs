using System.Runtime.InteropServices;
using Subp.Core.Diagnostics;

namespace Subp.Training.Distributed.Mpi;

/// <summary>The MPI library of the system, found at run time: nothing of it is known when this program is built.</summary>
internal sealed unsafe partial class MpiLibrary
{
    /// <summary>An environment variable with the path of the library, where the usual names do not find it.</summary>
    public const string PathVariable = "SUBP_MPI_LIBRARY";

    private const int LoadNow = 2;
    private const int LoadGlobally = 0x100;

    // Versioned names first: the plain ones belong to development packages.
    private static readonly string[] s_openMpi = ["libmpi.so.40", "libmpi.so.80", "libmpi.40.dylib"];
    private static readonly string[] s_mpich = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib", "msmpi.dll"];
    private static readonly string[] s_plain = ["libmpi.so", "libmpi.dylib"];

    private readonly nint _library;

    private MpiLibrary(nint library)
    {
        _library = library;
        Handles = MpiHandles.OfOpenMpi(library) ?? MpiHandles.Mpich;
    }

    /// <summary>Its constants.</summary>
    public MpiHandles Handles { get; }

    /// <summary>Loads the library that belongs to the launcher of this process.</summary>
    /// <exception cref="SubpException">SUBP0542 where there is none.</exception>
    public static MpiLibrary Load()
    {
        var path = Environment.GetEnvironmentVariable(PathVariable);
        var names = path is { Length: > 0 } ? [path] : Candidates(Environment.GetEnvironmentVariable);
        foreach (var name in names)
        {
            if (TryLoad(name, out var library))
                return new MpiLibrary(library);
        }

        throw new SubpException(
            DiagnosticDescriptors.MpiMissing,
            path is { Length: > 0 } ? PathVariable : "MPI",
            $"none of {string.Join(", ", names)}",
            "the MPI library of the launcher that started this process"
        );
    }

    /// <summary>The names to try. A launcher of one family cannot start processes that talk through the library of the other.</summary>
    internal static string[] Candidates(Func<string, string?> variable) =>
        variable("OMPI_COMM_WORLD_SIZE") is { Length: > 0 } ? [.. s_openMpi, .. s_plain]
        : variable("PMI_SIZE") is { Length: > 0 } ? [.. s_mpich, .. s_plain]
        : [.. s_openMpi, .. s_mpich, .. s_plain];

    /// <summary>The address of a function.</summary>
    /// <exception cref="SubpException">SUBP0542 where the library does not have it.</exception>
    public nint Function(string name) =>
        NativeLibrary.TryGetExport(_library, name, out var address)
            ? address
            : throw new SubpException(
                DiagnosticDescriptors.MpiMissing,
                "MPI",
                $"a library without {name}",
                "an MPI library of version 3 or later"
            );

    // Open MPI loads parts of itself later, which look for its symbols among those that are visible to all.
    private static bool TryLoad(string name, out nint library)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                library = OpenSharedObject(name, LoadNow | LoadGlobally);
                return library != 0;
            }
            catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
            {
                // An older C library keeps dlopen elsewhere; the usual way is then good enough to try.
            }
        }

        return NativeLibrary.TryLoad(name, out library);
    }

    [LibraryImport("libc.so.6", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenSharedObject(string name, int flags);
}

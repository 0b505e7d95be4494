using System.Reflection;
using System.Runtime.Loader;

namespace Subp.Training.Engines.Plugins;

/// <summary>
/// Loads an engine and what it needs from the engine's folder. The assemblies of the seam are those of the program: a type is the same
/// type on both sides only if it comes from one of them.
/// </summary>
internal sealed class EngineLoadContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    private static readonly string[] Shared =
    [
        typeof(ITrainingEngine).Assembly.GetName().Name!,
        typeof(Core.Graphs.Graph).Assembly.GetName().Name!,
    ];

    private readonly AssemblyDependencyResolver _resolver = new(path);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Shared.Contains(assemblyName.Name))
            return null;

        // A folder that was put together without a list of its dependencies still has them side by side.
        string beside = Path.Combine(Path.GetDirectoryName(path)!, assemblyName.Name + ".dll");
        string? place = _resolver.ResolveAssemblyToPath(assemblyName) ?? (File.Exists(beside) ? beside : null);
        return place is null ? null : LoadFromAssemblyPath(place);
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        if (_resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is not { } place)
            return 0;

        try
        {
            return LoadUnmanagedDllFromPath(place);
        }
        catch (DllNotFoundException)
        {
            // The engine may have loaded a library of this name from elsewhere, which the system then finds by its name.
            return 0;
        }
    }
}

using Microsoft.CodeAnalysis;

namespace Subp.Roslyn;

/// <summary>
/// The part of the base class library that emitted code may use, as reference assemblies embedded in this assembly. Compiling against the
/// assemblies of the running process would make models name its private core library and depend on its patch level.
/// </summary>
internal static class ReferenceAssemblies
{
    private const string Folder = "ReferenceAssemblies/";

    private static readonly Lazy<IReadOnlyList<MetadataReference>> s_all = new(Load);

    /// <summary>All of them, in the order of their names.</summary>
    public static IReadOnlyList<MetadataReference> All => s_all.Value;

    private static MetadataReference[] Load()
    {
        var assembly = typeof(ReferenceAssemblies).Assembly;
        return
        [
            .. assembly
                .GetManifestResourceNames()
                .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                    MetadataReference.CreateFromStream(assembly.GetManifestResourceStream(name)!, filePath: name[Folder.Length..])
                ),
        ];
    }
}

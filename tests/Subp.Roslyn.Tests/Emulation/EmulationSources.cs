using System.Text.RegularExpressions;
using Subp.Compiler.Emission;

namespace Subp.Roslyn.Tests.Emulation;

/// <summary>The sources of the emulated instructions, which are compiled into the models that name them.</summary>
internal static class EmulationSources
{
    private const string Folder = "Emulation/",
        Extension = ".cs";

    private static readonly Lazy<IReadOnlyDictionary<string, string>> s_all = new(Read);

    /// <summary>The files of the classes that texts name and of those that these need, in the order of their names.</summary>
    /// <param name="texts">Emitted files.</param>
    /// <param name="emulationNamespace">The namespace by which they name the classes.</param>
    public static IEnumerable<EmittedFile> NamedBy(IEnumerable<string> texts, string emulationNamespace)
    {
        var needed = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(
            s_all.Value.Keys.Where(name => texts.Any(text => text.Contains($"{emulationNamespace}.{name}.", StringComparison.Ordinal)))
        );
        while (open.TryDequeue(out var name))
        {
            if (!needed.Add(name))
                continue;
            foreach (var other in s_all.Value.Keys.Where(other => Regex.IsMatch(s_all.Value[name], $@"(?<![\w.]){other}\.")))
                open.Enqueue(other);
        }

        return needed.Select(name => new EmittedFile(Folder + name + Extension, s_all.Value[name]));
    }

    private static Dictionary<string, string> Read()
    {
        var assembly = typeof(EmulationSources).Assembly;
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            sources.Add(resource[Folder.Length..^Extension.Length], reader.ReadToEnd());
        }

        return sources;
    }
}

using System.Reflection;
using Subp.Core.Diagnostics;

namespace Subp.Training.Engines.Plugins;

/// <summary>
/// An engine in an assembly that nothing references: it is looked for in a few folders when it is asked for, so that nobody downloads or
/// loads its libraries who trains without it.
/// </summary>
/// <param name="Name">The word by which it is chosen.</param>
/// <param name="AssemblyName">The assembly, which also is the name of its project and its package.</param>
public sealed record EnginePlugin(string Name, string AssemblyName)
{
    /// <summary>The environment variable that names the folder of the engine's files.</summary>
    public const string FolderVariable = "SUBP_ENGINE_DIR";

    /// <summary>The engine over libtorch.</summary>
    public static readonly EnginePlugin TorchSharp = new("torchsharp", "Subp.Training.TorchSharp");

    /// <summary>The version of this product, which engine and tool have in common.</summary>
    public static Version ProductVersion { get; } = typeof(EnginePlugin).Assembly.GetName().Version!;

    /// <summary>Where <c>subp install-engine</c> puts it, for all tools of this version that the user has.</summary>
    public string UserFolder =>
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "subp",
            "engines",
            $"{Name}-{ProductVersion.ToString(3)}"
        );

    /// <summary>The folders in which it is looked for, in this order.</summary>
    /// <param name="folder">The only folder, or null for the usual ones.</param>
    public IReadOnlyList<string> Folders(string? folder = null)
    {
        folder ??= Environment.GetEnvironmentVariable(FolderVariable);
        if (!string.IsNullOrEmpty(folder))
            return [Path.GetFullPath(folder)];

        string tool = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return
        [
            Path.Combine(tool, "engines", Name),
            // The output folders of a clone lie side by side: artifacts/bin/<project>/<configuration>.
            Path.GetFullPath(Path.Combine(tool, "..", "..", AssemblyName, Path.GetFileName(tool))),
            UserFolder,
        ];
    }

    /// <summary>Loads the engine.</summary>
    /// <param name="folder">The only folder in which to look, or null for the usual ones.</param>
    /// <exception cref="SubpException">SUBP0520 where it is nowhere, SUBP0521 where it does not fit or does not load.</exception>
    public ITrainingEngineProvider Load(string? folder = null)
    {
        var folders = Folders(folder);
        string file = AssemblyName + ".dll";
        string path =
            folders.Select(place => Path.Combine(place, file)).FirstOrDefault(File.Exists)
            ?? throw new SubpException(
                DiagnosticDescriptors.EngineNotInstalled,
                $"engine '{Name}'",
                $"no {file} in {string.Join(", ", folders)}",
                "the engine in one of these folders",
                $"Run 'subp install-engine {Name}' once, or 'dotnet build -c Release src/{AssemblyName}' in a clone."
            );
        try
        {
            var assembly = new EngineLoadContext(path).LoadFromAssemblyPath(path);
            RequireVersion(path, assembly);
            var type = assembly.GetExportedTypes().Single(type => type.IsAssignableTo(typeof(ITrainingEngineProvider)));
            return (ITrainingEngineProvider)Activator.CreateInstance(type)!;
        }
        catch (Exception exception)
            when (exception
                    is BadImageFormatException
                        or FileLoadException
                        or FileNotFoundException
                        or InvalidOperationException
                        or MemberAccessException
                        or TargetInvocationException
                        or TypeLoadException
            )
        {
            throw NotLoadable(path, exception.Message.Split('\n')[0].Trim(), $"the engine of version {ProductVersion.ToString(3)}");
        }
    }

    private void RequireVersion(string path, Assembly assembly)
    {
        string product = typeof(EnginePlugin).Assembly.GetName().Name!;
        var built = assembly.GetReferencedAssemblies().FirstOrDefault(reference => reference.Name == product)?.Version;
        if (built != ProductVersion)
        {
            throw NotLoadable(
                path,
                built is null ? "an assembly that holds no engine" : $"an engine built for version {built.ToString(3)}",
                $"one built for version {ProductVersion.ToString(3)}"
            );
        }
    }

    private SubpException NotLoadable(string path, string found, string expected) =>
        new(
            DiagnosticDescriptors.EngineNotLoadable,
            path,
            found,
            expected,
            $"Install it again: 'subp install-engine {Name} --force', or 'dotnet build -c Release src/{AssemblyName}' in a clone."
        );
}

using System.Runtime.CompilerServices;

namespace Subp.Packages.Tests.Setup;

/// <summary>
/// The packages of this build, packed once for all tests of a run, and a package cache that holds nothing else: what an earlier run
/// unpacked is never seen. All of it lies in a folder of this run, so that runs do not disturb each other.
/// </summary>
public sealed class PackedPackages : IDisposable
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-packages-").FullName;

    /// <summary>Packs everything.</summary>
    public PackedPackages() => Pack(Feed);

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = Root();

    /// <summary>The version of the packages.</summary>
    public static string Version => "0.1.0";

    /// <summary>The command line tool as it was built.</summary>
    public static string Program { get; } =
        Path.Combine(Repository, "artifacts", "bin", "Subp.Cli", Configuration.ToLowerInvariant(), "subp.dll");

    /// <summary>The folder with the .nupkg and .snupkg files.</summary>
    public string Feed => Path.Combine(_folder, "feed");

    /// <summary>Where packages are unpacked.</summary>
    public string Cache => Path.Combine(_folder, "cache");

    /// <summary>
    /// Packs what was built, with a fixed time stamp; one node, since there is nothing to build and a second one would have to start first.
    /// </summary>
    public void Pack(string target) =>
        Dotnet.Run(
            Repository,
            UserCache,
            "pack",
            Path.Combine("eng", "packages.slnf"),
            "--no-build",
            "-m:1",
            "-c",
            Configuration,
            "--nologo",
            "-v",
            "quiet",
            $"-p:PackageOutputPath={target}",
            "-p:DeterministicTimestamp=1577836800"
        );

    /// <summary>A new folder for a project; it reaches the packed packages and the default registry.</summary>
    public string NewFolder(string name)
    {
        var folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(
            Path.Combine(folder, "nuget.config"),
            $"""
            <?xml version="1.0" encoding="utf-8"?>
            <configuration>
              <packageSources>
                <add key="packed" value="{Feed}" />
              </packageSources>
            </configuration>
            """
        );
        return folder;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The cache of the build that is packed: its assets files name it.
    private static string UserCache =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}

using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Subp.Core.Diagnostics;
using Subp.Training.Engines.Plugins;

namespace Subp.Cli.Training;

/// <summary>Publishes the packages of an engine into a folder with the .NET SDK: a project of a few lines that nobody keeps.</summary>
internal sealed class EngineInstallation(EnginePlugin plugin, string libtorch, string? source)
{
    /// <summary>The version of TorchSharp, and so of all packages that bring libtorch for it.</summary>
    public const string TorchSharpVersion = "0.107.0";

    // A build server that outlives the command would hold the terminal of whoever started it.
    private static readonly (string Name, string Value)[] s_environment =
    [
        ("MSBUILDDISABLENODEREUSE", "1"),
        ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
        ("DOTNET_NOLOGO", "1"),
    ];

    /// <summary>The project file.</summary>
    public string Project()
    {
        XElement Package(string name, string version) =>
            new("PackageReference", new XAttribute("Include", name), new XAttribute("Version", version));

        var properties = new XElement(
            "PropertyGroup",
            new XElement("TargetFramework", "net10.0"),
            new XElement("RuntimeIdentifier", System()),
            new XElement("SelfContained", "false"),
            new XElement("EnableDefaultItems", "false"),
            new XElement("ImplicitUsings", "disable")
        );
        if (source is not null)
            properties.Add(new XElement("RestoreAdditionalProjectSources", Path.GetFullPath(source)));

        return new XElement(
            "Project",
            new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            properties,
            new XElement("ItemGroup", Package(plugin.AssemblyName, VersionOfTool()), Package(libtorch, TorchSharpVersion))
        ).ToString();
    }

    /// <summary>Publishes into a folder, which is replaced as a whole when everything has succeeded.</summary>
    /// <exception cref="SubpException">SUBP0526 where there is no SDK or it fails.</exception>
    public void Install(string folder, Action<string> log, CancellationToken cancellation)
    {
        var work = Directory.CreateTempSubdirectory("subp-engine-");
        try
        {
            string project = Path.Combine(work.FullName, "engine.csproj");
            string output = Path.Combine(work.FullName, "out");
            File.WriteAllText(project, Project());
            Publish(project, output, log, cancellation);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);

            Copy(output, folder);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static void Publish(string project, string output, Action<string> log, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "-o", output])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(project),
        };
        foreach (var (name, value) in s_environment)
            start.Environment[name] = value;

        string last = "";
        try
        {
            using var process = Process.Start(start)!;
            using var stop = cancellation.Register(() => process.Kill(entireProcessTree: true));
            process.OutputDataReceived += (_, line) => Take(line.Data);
            process.ErrorDataReceived += (_, line) => Take(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
                throw Failed(last);
        }
        catch (Win32Exception exception)
        {
            throw Failed(exception.Message);
        }

        void Take(string? line)
        {
            if (string.IsNullOrWhiteSpace(line))
                return;

            log(line.Trim());
            if (line.Contains("error", StringComparison.OrdinalIgnoreCase))
                last = line.Trim();
        }
    }

    // From one file system to another, perhaps: a move would not do.
    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string place = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place, overwrite: true);
        }
    }

    // The systems for which TorchSharp has libraries bear these names.
    private static string System()
    {
        string system =
            OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    // A version of development has a suffix, which only the text has.
    private static string VersionOfTool() =>
        FileVersionInfo.GetVersionInfo(typeof(EngineInstallation).Assembly.Location).ProductVersion!.Split('+')[0];

    private static SubpException Failed(string found) =>
        new(
            DiagnosticDescriptors.EngineNotInstallable,
            "dotnet publish",
            found.Length == 0 ? "an exit code that is not 0" : found,
            "the packages of the engine, from a package source that has them",
            "It needs the .NET SDK; name the folder of the packages with --source, or see all lines with --verbosity detailed."
        );
}

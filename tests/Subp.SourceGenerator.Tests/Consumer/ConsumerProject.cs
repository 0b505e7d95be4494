extern alias generator;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Subp.SourceGenerator.Tests.Consumer;

/// <summary>
/// A project outside the repository that uses the generator as the package would bring it in: the assembly as an analyzer, props and
/// targets imported. It references no package, so nothing is downloaded.
/// </summary>
internal sealed class ConsumerProject : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8);

    /// <summary>Creates the folder and the project file.</summary>
    /// <param name="items">The SubpModel items.</param>
    /// <param name="program">The code of the program.</param>
    /// <param name="properties">Further lines of the PropertyGroup.</param>
    /// <param name="subfolder">A folder inside the temporary one where the project is to be.</param>
    public ConsumerProject(string items, string program, string properties, string subfolder = "")
    {
        _root = Directory.CreateTempSubdirectory("subp-consumer-").FullName;
        Folder = Path.Combine(_root, subfolder);
        var build = Path.Combine(Root(), "src", "Subp.SourceGenerator", "build", "Subp.SourceGenerator");
        Write(
            "consumer-app.csproj",
            $"""
            <Project>
              <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
              <Import Project="{build}.props" />
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <UseSharedCompilation>false</UseSharedCompilation>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <Analyzer Include="{typeof(generator::Subp.SourceGenerator.SubpModelGenerator).Assembly.Location}" />
                {items}
              </ItemGroup>
              <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
              <Import Project="{build}.targets" />
            </Project>
            """
        );
        Write("Program.cs", program);
        // Nothing of a folder above may reach the project.
        Write("Directory.Build.props", "<Project />");
        Write("Directory.Build.targets", "<Project />");
        Write("Directory.Packages.props", "<Project />");
    }

    private readonly string _root;

    /// <summary>The folder of the project.</summary>
    public string Folder { get; }

    /// <summary>Where the program is after a build.</summary>
    public string Output => Path.Combine(Folder, "out");

    /// <summary>Writes a file of the project.</summary>
    public void Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file of the project.</summary>
    public void Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Builds the project and returns what was printed.</summary>
    public (int ExitCode, string Text) Build(params string[] arguments) =>
        Dotnet(["build", "--nologo", "-v", "quiet", "--disable-build-servers", "-nodeReuse:false", "-o", Output, .. arguments]);

    /// <summary>Builds the project for all its frameworks, into the usual folders, and returns what was printed.</summary>
    public (int ExitCode, string Text) BuildAll() =>
        Dotnet(["build", "--nologo", "-v", "quiet", "--disable-build-servers", "-nodeReuse:false"]);

    /// <summary>Runs the program that <see cref="BuildAll"/> made for a framework.</summary>
    public (int ExitCode, string Text) RunFor(string framework, params string[] arguments) =>
        Dotnet(["exec", Path.Combine(Folder, "bin", "Debug", framework, "consumer-app.dll"), .. arguments]);

    /// <summary>Runs the program.</summary>
    public (int ExitCode, string Text) Run(params string[] arguments) =>
        Dotnet(["exec", Path.Combine(Output, "consumer-app.dll"), .. arguments]);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_root, recursive: true);

    private (int ExitCode, string Text) Dotnet(string[] arguments)
    {
        var host = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")
        );
        var start = new ProcessStartInfo(host, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        // The test host sets variables of its own SDK process, which would confuse the inner one.
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet {arguments[0]} did not end within {s_patience.TotalMinutes} minutes.");
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}

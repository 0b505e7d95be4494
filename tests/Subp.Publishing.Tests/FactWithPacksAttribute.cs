using System.Collections.Concurrent;
using Subp.Packages.Tests.Setup;
using Xunit;

namespace Subp.Publishing.Tests;

/// <summary>
/// A test that publishes in a way for which the SDK fetches packs from the registry. Where the registry does not serve them the test is
/// skipped, and the reason names the pack.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithPacksAttribute : FactAttribute
{
    private static readonly ConcurrentDictionary<string, string?> s_reasons = new(StringComparer.Ordinal);

    /// <summary>Restores an empty project with these properties to learn whether the packs are to be had.</summary>
    /// <param name="framework">The target framework.</param>
    /// <param name="properties">Properties of the project, for example <c>PublishTrimmed=true</c>.</param>
    public FactWithPacksAttribute(string framework, params string[] properties) =>
        Skip =
            OperatingSystem.IsLinux() && Environment.Is64BitProcess
                ? s_reasons.GetOrAdd(framework + " " + string.Join(' ', properties), _ => Reason(framework, properties))
                : "Written for linux-x64.";

    private static string? Reason(string framework, string[] properties)
    {
        var folder = Directory.CreateTempSubdirectory("subp-probe-").FullName;
        try
        {
            File.WriteAllText(
                Path.Combine(folder, "probe.csproj"),
                $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFramework>{framework}</TargetFramework><OutputType>Exe</OutputType></PropertyGroup>
                </Project>
                """
            );
            var (exitCode, text) = Dotnet.Try(
                folder,
                Path.Combine(folder, "cache"),
                Dotnet.Host,
                ["restore", "--nologo", "-v", "quiet", "-r", "linux-x64", .. properties.Select(property => "-p:" + property)]
            );
            return exitCode == 0 ? null
                : text.Contains("NU1101", StringComparison.Ordinal) || text.Contains("NU1102", StringComparison.Ordinal)
                    ? "A pack of the SDK is not served by the registry: " + text.Trim()
                : null; // Anything else is for the test itself to meet.
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

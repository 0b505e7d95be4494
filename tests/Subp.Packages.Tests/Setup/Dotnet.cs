using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace Subp.Packages.Tests.Setup;

/// <summary>Runs the SDK and programs in a folder, with a package cache of the caller's own.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    /// <summary>The executable of the SDK that runs these tests.</summary>
    public static string Host { get; } =
        Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")
        );

    /// <summary>Runs an SDK command that must succeed, and returns what it printed.</summary>
    public static string Run(string folder, string packageCache, params string[] arguments) =>
        RunProgram(folder, packageCache, Host, arguments);

    /// <summary>Runs a program that must succeed, and returns what it printed.</summary>
    public static string RunProgram(string folder, string packageCache, string program, params string[] arguments)
    {
        var (exitCode, text) = Try(folder, packageCache, program, arguments);
        Assert.True(exitCode == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {exitCode}:\n{text}");
        return text;
    }

    /// <summary>Runs a program and returns its exit code and what it printed on both streams.</summary>
    public static (int ExitCode, string Text) Try(string folder, string packageCache, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        // The test host sets variables of its own SDK process, which would confuse the inner one.
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        start.Environment["NUGET_PACKAGES"] = packageCache;
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        // No build server may outlive the test: it would hold files of a folder that is deleted.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        // These processes end before it pays to compile their own methods a second time, or to count for it. 400 is hexadecimal.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_CallCountThreshold"] = "400";
        // The SDK on the path of a shell script is the one that runs these tests.
        start.Environment["PATH"] = Path.GetDirectoryName(Host) + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {s_patience.TotalMinutes} minutes.");
        }

        return (process.ExitCode, output.Result + error.Result);
    }
}

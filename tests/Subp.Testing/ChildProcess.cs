using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Subp.Testing;

/// <summary>
/// Runs a static test method in a process of its own, for what is decided once per process: instruction sets switched off by environment
/// variables such as <c>DOTNET_EnableAVX512=0</c>, start-up, culture. It costs a fraction of a second.
/// </summary>
public static class ChildProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    /// <summary>Runs a static method without arguments and fails the test with the child's output where it throws.</summary>
    /// <param name="test">A static method; not a lambda.</param>
    /// <param name="environment">Environment variables as <c>NAME=value</c>.</param>
    public static void Check(Action test, params string[] environment) => Require(Run(test.Method, [], environment));

    /// <summary>Runs a static method with one argument and fails the test with the child's output where it throws.</summary>
    /// <param name="test">A static method; not a lambda.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="environment">Environment variables as <c>NAME=value</c>.</param>
    public static void Check(Action<string> test, string argument, params string[] environment) =>
        Require(Run(test.Method, [argument], environment));

    /// <summary>Runs a static method without arguments.</summary>
    /// <param name="test">A static method; not a lambda.</param>
    /// <param name="environment">Environment variables as <c>NAME=value</c>.</param>
    public static ChildResult Run(Action test, params string[] environment) => Run(test.Method, [], environment);

    /// <summary>Runs a static method with one argument in processes that a launcher starts, such as <c>mpirun -n 2</c>.</summary>
    /// <param name="launcher">The launcher and its options; the command of the child is added.</param>
    /// <param name="test">A static method; not a lambda.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="environment">Environment variables as <c>NAME=value</c>.</param>
    public static ChildResult RunUnder(IReadOnlyList<string> launcher, Action<string> test, string argument, params string[] environment) =>
        Run(test.Method, [argument], environment, launcher);

    private static ChildResult Run(MethodInfo method, string[] arguments, string[] environment, IReadOnlyList<string>? launcher = null)
    {
        if (!method.IsStatic || method.DeclaringType is null)
            throw new ArgumentException($"'{method.Name}' is not a static method; a child process cannot have the state of a lambda.");
        var assembly = method.DeclaringType.Assembly.Location;
        var start = new ProcessStartInfo(launcher is null ? DotnetHost() : launcher[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        string[] command =
        [
            "exec",
            "--runtimeconfig",
            Path.ChangeExtension(assembly, ".runtimeconfig.json"),
            "--depsfile",
            Path.ChangeExtension(assembly, ".deps.json"),
            typeof(ChildProcess).Assembly.Location,
            assembly,
            method.DeclaringType.FullName!,
            method.Name,
            .. arguments,
        ];
        foreach (var argument in launcher is null ? command : [.. launcher.Skip(1), DotnetHost(), .. command])
            start.ArgumentList.Add(argument);
        foreach (var variable in environment)
        {
            var (name, value) = (variable[..variable.IndexOf('=')], variable[(variable.IndexOf('=') + 1)..]);
            start.Environment[name] = value;
        }

        using var process = new Process { StartInfo = start };
        var (output, error) = (new StringBuilder(), new StringBuilder());
        process.OutputDataReceived += (_, line) => output.Append(line.Data).Append(line.Data is null ? "" : "\n");
        process.ErrorDataReceived += (_, line) => error.Append(line.Data).Append(line.Data is null ? "" : "\n");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{method.Name}' did not end within {Patience.TotalSeconds} seconds in a child process.");
        }

        process.WaitForExit();
        return new ChildResult(process.ExitCode, output.ToString(), error.ToString());
    }

    // The process of a test runner may be an executable of its own, so the host is found beside the runtime in use.
    private static string DotnetHost()
    {
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
    }

    private static void Require(ChildResult result)
    {
        if (result.ExitCode != 0)
            Assert.Fail($"The child process ended with {result.ExitCode}.\n{result.Output}{result.Error}");
    }
}

/// <summary>What became of a child process.</summary>
/// <param name="ExitCode">0 where the method returned, 1 where it threw.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error; the exception where it threw.</param>
public sealed record ChildResult(int ExitCode, string Output, string Error);

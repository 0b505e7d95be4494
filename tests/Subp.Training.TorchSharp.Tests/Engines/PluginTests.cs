using System.Diagnostics;

namespace Subp.Training.TorchSharp.Tests.Engines;

/// <summary>The command line with the engine that the build put beside it.</summary>
public sealed class PluginTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("subp-plugin-").FullName;

    private static string Tool
    {
        get
        {
            string own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            return Path.GetFullPath(Path.Combine(own, "..", "..", "Subp.Cli", Path.GetFileName(own), "subp.dll"));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_tool_neither_references_TorchSharp_nor_brings_it()
    {
        string folder = Path.GetDirectoryName(Tool)!;
        Assert.DoesNotContain("torch", File.ReadAllText(Path.Combine(folder, "subp.deps.json")), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories),
            file => Path.GetFileName(file).Contains("torch", StringComparison.OrdinalIgnoreCase)
        );
    }

    [Fact]
    public void Training_with_torchsharp_loads_the_engine_of_the_clone_and_leaves_a_bundle()
    {
        string run = Path.Combine(_folder, "run");
        var (code, output, error) = Subp("train", "--engine", "torchsharp", "--fast-dev-run", "-b", "32", "-t", "2", "-o", run);
        Assert.True(code == 0, error);
        Assert.Contains("torchsharp 2.", output, StringComparison.Ordinal);
        Assert.Contains("torchsharp 2.", File.ReadAllText(Path.Combine(run, "train.log")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "model.safetensors")));

        (code, _, error) = Subp("train", "--resume", "--fast-dev-run", "-b", "32", "-o", run);
        Assert.Equal(2, code);
        Assert.Contains("error SUBP0523: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_for_bytes_leaves_a_network_of_bytes()
    {
        string run = Path.Combine(_folder, "bytes");
        var (code, _, error) = Subp("train", "--engine", "torchsharp", "--quantize", "int8", "--fast-dev-run", "-b", "32", "-o", run);
        Assert.True(code == 0, error);
        Assert.Contains("u8", File.ReadAllText(Path.Combine(run, "int8.subp")), StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Subp(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error);
    }
}

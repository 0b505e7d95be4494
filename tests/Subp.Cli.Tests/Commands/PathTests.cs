using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>Paths that lead to the wrong kind of place are told by the name that the user gave.</summary>
public sealed class PathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("compile", "x.dll")]
    [InlineData("export", "x.onnx")]
    [InlineData("tune", "x.subp")]
    public void An_output_below_a_file_is_refused_as_an_output(string command, string name)
    {
        File.WriteAllText(_folder["afile"], "");
        var target = _folder[Path.Combine("afile", "deep", name)];
        var answer = CommandLine.Run(command, TinyClassifier.Write(_folder), "-o", target).Answers(1, "SUBP0804");
        Assert.StartsWith(target + ": error", answer.Error, StringComparison.Ordinal);
        Assert.Contains("the file 'afile' above the output", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["afile", "tiny.safetensors", "tiny.subp"], _folder.Names);
    }

    [Fact]
    public void An_output_where_nothing_can_be_written_is_refused_as_an_output()
    {
        // Only Linux has a folder that takes no files from anybody.
        if (!Directory.Exists("/proc/self"))
            return;
        var answer = CommandLine.Run("compile", TinyClassifier.Write(_folder), "-o", "/proc/x.dll").Answers(1, "SUBP0804");
        Assert.StartsWith("/proc/x.dll: error", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_place_of_a_file_is_called_one()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("compile", subp, "-o", _folder["tiny.dll"], "--threads", "1").Succeeds();
        Directory.CreateDirectory(_folder["d"]);
        foreach (
            var line in new string[][]
            {
                ["run", _folder["tiny.dll"], "--input", _folder["d"]],
                ["compile", subp, "--weights", _folder["d"], "--dry-run"],
                ["compile", subp, "--machine", _folder["d"], "--dry-run"],
                ["bench", _folder["tiny.dll"], "--against", _folder["d"]],
                ["experiment", _folder["d"]],
            }
        )
        {
            var answer = CommandLine.Run(line).Answers(1, "SUBP0806");
            Assert.Contains("d: error SUBP0806", answer.Error, StringComparison.Ordinal);
            Assert.Contains("found a folder, expected a file", answer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Compiled_code_to_compare_with_must_be_there()
    {
        CommandLine.Run("compile", TinyClassifier.Write(_folder), "-o", _folder["tiny.dll"], "--threads", "1").Succeeds();
        CommandLine.Run("bench", _folder["tiny.dll"], "--against", _folder["missing.dll"]).Answers(1, "SUBP0803");
    }
}

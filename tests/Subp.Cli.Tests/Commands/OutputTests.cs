using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>What goes where: results, messages, files.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_is_overwritten_without_force()
    {
        var subp = TinyClassifier.Write(_folder);
        File.WriteAllText(_folder["Tiny.dll"], "mine");
        File.WriteAllText(_folder["tiny.onnx"], "mine");
        CommandLine.Run("compile", subp, "-o", _folder["Tiny.dll"]).Answers(1, "SUBP0802");
        CommandLine.Run("export", subp).Answers(1, "SUBP0802");
        Assert.Equal("mine", File.ReadAllText(_folder["Tiny.dll"]));
        Assert.Equal("mine", File.ReadAllText(_folder["tiny.onnx"]));
        CommandLine.Run("export", subp, "--force").Succeeds();
        Assert.NotEqual("mine", File.ReadAllText(_folder["tiny.onnx"]));
        Assert.Equal(["Tiny.dll", "tiny.onnx", "tiny.safetensors", "tiny.subp"], _folder.Names);
    }

    [Fact]
    public void Import_does_not_replace_the_weights_of_another_bundle()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("export", subp).Succeeds();
        File.Delete(subp);
        CommandLine.Run("import", _folder["tiny.onnx"]).Answers(1, "SUBP0802");
        Assert.Equal(["tiny.onnx", "tiny.safetensors"], _folder.Names);
    }

    [Fact]
    public void Training_does_not_start_in_a_folder_that_is_not_empty()
    {
        File.WriteAllText(_folder["notes.txt"], "mine");
        CommandLine.Run("train", "-o", _folder.Path).Answers(1, "SUBP0802");
        CommandLine.Run("train", "-o", _folder.Path, "--force").Answers(1, "SUBP0805");
        CommandLine.Run("train", "--resume", "-o", _folder["none"]).Answers(1, "SUBP0803");
        Assert.Equal(["notes.txt"], _folder.Names);
    }

    [Fact]
    public void A_training_does_not_go_on_in_a_folder_without_one()
    {
        var folder = _folder["empty"];
        Directory.CreateDirectory(folder);
        File.WriteAllText(_folder["recipe.json"], CommandLine.Run("train", "--dry-run").Succeeds().Out);
        foreach (var config in new string[][] { [], ["--config", _folder["recipe.json"]] })
            CommandLine.Run(["train", "--resume", "-o", folder, .. config]).Answers(2, "SUBP0550");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void The_quickstart_does_not_replace_a_folder_that_it_did_not_write()
    {
        File.WriteAllText(_folder["notes.txt"], "mine");
        CommandLine.Run("quickstart", "-o", _folder.Path).Answers(1, "SUBP0802");
        CommandLine.Run("quickstart", "-o", _folder.Path, "--force").Answers(1, "SUBP0805");
        Assert.Equal(["notes.txt"], _folder.Names);
    }

    [Fact]
    public void Captured_output_holds_no_escape_sequences_and_no_carriage_returns()
    {
        var subp = TinyClassifier.Write(_folder);
        foreach (
            var answer in new[]
            {
                CommandLine.Run("verify", subp, "--random", "2", "--threads", "1", "--isa", "portable"),
                CommandLine.Run("inspect", subp),
                CommandLine.Run("compile", subp, "--dry-run"),
                CommandLine.Run("--help"),
                CommandLine.Run("nonsense"),
            }
        )
        {
            Assert.DoesNotContain('\e', answer.Out + answer.Error);
            Assert.DoesNotContain('\r', answer.Out + answer.Error);
        }
    }

    [Theory]
    [InlineData("passes")]
    [InlineData("inspect")]
    [InlineData("compile", "--dry-run")]
    public void Json_is_one_object_with_a_schema_version_and_nothing_else_on_standard_output(string verb, params string[] more)
    {
        string[] arguments = verb == "passes" ? [verb, "--json"] : [verb, TinyClassifier.Write(_folder), .. more, "--json"];
        var json = CommandLine.Run(arguments).Succeeds().Json();
        Assert.Equal(1, json.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(verb, json.GetProperty("command").GetString());
    }

    [Fact]
    public void Quiet_leaves_standard_error_empty_and_still_reports_errors()
    {
        var subp = TinyClassifier.Write(_folder);
        Assert.Empty(CommandLine.Run("verify", subp, "--random", "1", "--threads", "1", "--isa", "portable", "-q").Succeeds().Error);
        CommandLine.Run("compile", _folder["none.subp"], "-q").Answers(1, "SUBP0803");
    }

    [Fact]
    public void Cancelling_ends_with_130_and_leaves_nothing()
    {
        var subp = TinyClassifier.Write(_folder);
        using var source = new CancellationTokenSource();
        source.Cancel();
        var answer = CommandLine.Run(source.Token, "compile", subp, "-o", _folder["out"]);
        Assert.Equal(130, answer.Code);
        Assert.Equal("cancelled\n", answer.Error[^"cancelled\n".Length..]);
        Assert.Equal(["tiny.safetensors", "tiny.subp"], _folder.Names);
    }

    [Fact]
    public async Task Cancelling_a_quickstart_in_the_middle_ends_with_130_and_leaves_nothing()
    {
        using var source = new CancellationTokenSource();
        var run = Task.Run(() => CommandLine.Run(source.Token, "quickstart", "-o", _folder["q"], "--epochs", "50"));
        while (_folder.Names.Count == 0 && !run.IsCompleted)
            await Task.Delay(20);
        source.Cancel();
        var answer = await run;
        Assert.Equal(130, answer.Code);
        Assert.Empty(_folder.Names);
    }
}

using Subp.Core.Text;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>What tune writes, and what it refuses to write over.</summary>
[Trait("speed", "slow")]
public sealed class TuneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tuned_bundle_has_the_structure_and_weights_of_its_source_and_compiles()
    {
        var source = TinyClassifier.Write(_folder);
        var json = CommandLine
            .Run("tune", source, "-o", _folder["tuned.subp"], "--rounds", "2", "--candidates", "2", "--json")
            .Succeeds()
            .Json();

        Assert.Equal(2, json.GetProperty("rounds").GetInt32());
        Assert.Contains(
            json.GetProperty("layers").EnumerateArray(),
            layer => layer.GetProperty("node").GetString() == "conv" && layer.GetProperty("candidates").GetArrayLength() > 0
        );
        Assert.Equal(File.ReadAllBytes(_folder["tiny.safetensors"]), File.ReadAllBytes(_folder["tuned.safetensors"]));
        Assert.Equal(
            StructureHash.Compute(SubpParser.Parse(File.ReadAllText(source), source).Graph),
            StructureHash.Compute(SubpParser.Parse(File.ReadAllText(_folder["tuned.subp"]), "tuned.subp").Graph)
        );
        CommandLine.Run("compile", _folder["tuned.subp"], "--dry-run").Succeeds();
    }

    [Fact]
    public void A_table_names_every_layer_with_choices()
    {
        var source = TinyClassifier.Write(_folder);
        var text = CommandLine.Run("tune", source, "--force", "--rounds", "1", "--candidates", "1").Succeeds().Out;
        Assert.Contains("planned kernel", text, StringComparison.Ordinal);
        Assert.Contains("conv ", text, StringComparison.Ordinal);
        Assert.Contains("us as planned", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_source_is_not_replaced_without_leave_and_a_cancelled_run_leaves_nothing()
    {
        var source = TinyClassifier.Write(_folder);
        CommandLine.Run("tune", source).Answers(1, "SUBP0802");
        var before = Directory.GetFiles(_folder.Path).Order().ToArray();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Equal(130, CommandLine.Run(cancelled.Token, "tune", source, "-o", _folder["tuned.subp"]).Code);
        Assert.Equal(before, Directory.GetFiles(_folder.Path).Order());
    }
}

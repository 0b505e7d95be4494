using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Testing;
using Subp.Tooling.Models;
using Subp.Training.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>Pruning to block lengths that no kernel is emitted for: what becomes of the blocks is said, or the command ends.</summary>
public sealed class WideningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(3, 12)]
    [InlineData(6, 12)]
    public void Blocks_that_are_widened_are_named_with_what_stays_pruned(int asked, int stored)
    {
        var answer = Import(asked, 0.75).Succeeds();
        Assert.Contains("warning SUBP0551: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains($"1x{asked} blocks in body.weight, 75.0 % pruned, made 1x{stored}, ", answer.Error, StringComparison.Ordinal);
        var pattern = NetworkFile.Read(_folder["pruned.subp"]).Graph.Parameter("body.weight").Pattern!;
        Assert.Equal(stored, pattern.BlockLength);
        Assert.InRange(pattern.Sparsity, 0.01, 0.749);
        var layer = answer
            .Json()
            .GetProperty("pruning")
            .GetProperty("layers")
            .EnumerateArray()
            .Single(layer => layer.GetProperty("name").GetString() == "body");
        Assert.Equal(stored, layer.GetProperty("storedBlockLength").GetInt32());
        Assert.Equal(pattern.KeptBlocks, layer.GetProperty("storedBlocks").GetInt32());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Where_wider_blocks_leave_nothing_out_the_command_ends(int asked)
    {
        var answer = Import(asked, 0.05).Answers(2, "SUBP0552");
        Assert.Contains($"1x{asked} blocks in body.weight", answer.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["pruned.subp"]));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(48)]
    public void Blocks_that_kernels_have_stay_as_they_were_asked_for(int asked)
    {
        var answer = Import(asked, 0.75).Succeeds();
        Assert.DoesNotContain("SUBP0551", answer.Error, StringComparison.Ordinal);
        Assert.Equal(asked, NetworkFile.Read(_folder["pruned.subp"]).Graph.Parameter("body.weight").Pattern!.BlockLength);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(1024)]
    public void A_length_that_divides_no_layer_is_refused(int asked)
    {
        var answer = Import(asked, 0.75).Answers(2, "SUBP0509");
        Assert.Contains($"are no multiple of N = {asked}", answer.Error, StringComparison.Ordinal);
    }

    private CommandLine Import(int block, double sparsity)
    {
        var builder = new GraphBuilder("net");
        var value = builder.Conv2d("stem", builder.Input("image", new TensorShape(1, 3, 6, 5)), 48, Window.Square(3, 1, 1), bias: true);
        value = builder.Conv2d("body", value, 48, Window.Square(3, 1, 1), bias: true);
        builder.Output(builder.Conv2d("last", value, 16, Window.Square(1), bias: true));
        var graph = builder.Build();
        File.WriteAllBytes(_folder["net.onnx"], OnnxExporter.Export(new Model(graph, WeightInitializer.Initialize(graph, 3))));
        return CommandLine.Run(
            "import",
            _folder["net.onnx"],
            "--block-length",
            FormattableString.Invariant($"{block}"),
            "--sparsity",
            FormattableString.Invariant($"{sparsity}"),
            "-o",
            _folder["pruned.subp"],
            "--json"
        );
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Testing;
using Subp.Tooling.Models;
using Subp.Training.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>One-shot pruning at import, and the way of its result through ONNX.</summary>
public sealed class PruneTests : IDisposable
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pruning_at_import_warns_names_what_stays_dense_and_keeps_the_same_number_everywhere()
    {
        var answer = CommandLine
            .Run("import", WriteNetwork(), "--block-length", "16", "--sparsity", "0.75", "-o", _folder["fast.subp"], "--json")
            .Succeeds();

        Assert.Contains("warning SUBP0512: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("dense, because it is the classifier: last", answer.Error, StringComparison.Ordinal);
        var layers = answer
            .Json()
            .GetProperty("pruning")
            .GetProperty("layers")
            .EnumerateArray()
            .ToDictionary(layer => layer.GetProperty("name").GetString()!);
        Assert.Equal(8, layers["body"].GetProperty("keptPerGroup").GetInt32());
        Assert.Equal("it reads the input of the network", layers["stem"].GetProperty("denseReason").GetString());
        Assert.Equal(JsonValueKind.Null, layers["body"].GetProperty("denseReason").ValueKind);
        var pattern = NetworkFile.Read(_folder["fast.subp"]).Graph.Parameter("body.weight").Pattern!;
        Assert.True(pattern.IsUniform);
    }

    [Fact]
    public void Rearranging_keeps_more_of_the_norm_and_says_how_much()
    {
        var answer = CommandLine
            .Run("import", WriteNetwork(), "--sparsity", "0.75", "--rearrange", "-o", _folder["sorted.subp"], "--json")
            .Succeeds();
        var figures = Regex.Match(answer.Error, "rearranged: the kept blocks have ([0-9.]+) % .* ([0-9.]+) % without");
        Assert.True(figures.Success, answer.Error);
        var (with, without) = (double.Parse(figures.Groups[1].Value, Invariant), double.Parse(figures.Groups[2].Value, Invariant));
        Assert.True(with > without, answer.Error);
        Assert.Equal(8, answer.Json().GetProperty("pruning").GetProperty("layers")[1].GetProperty("keptPerGroup").GetInt32());
    }

    [Fact]
    public void A_network_of_bytes_is_not_pruned_at_import()
    {
        CommandLine.Run("quantize", WriteNetwork(), "--input-range=-2,2", "-o", _folder["bytes.subp"]).Succeeds();
        CommandLine.Run("export", _folder["bytes.subp"], "-o", _folder["bytes.onnx"]).Succeeds();
        var answer = CommandLine.Run("import", _folder["bytes.onnx"], "--sparsity", "0.5", "-o", _folder["x.subp"]).Answers(2, "SUBP0509");
        Assert.Contains("its weights are s8", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_options_of_pruning_nothing_is_pruned_and_nothing_is_warned_of()
    {
        var answer = CommandLine.Run("import", WriteNetwork(), "-o", _folder["plain.subp"], "--json").Succeeds();

        Assert.Equal("", answer.Error);
        Assert.Equal(JsonValueKind.Null, answer.Json().GetProperty("pruning").ValueKind);
    }

    [Fact]
    public void A_pruned_network_exported_to_onnx_has_zeros_and_comes_back_with_the_same_pattern()
    {
        CommandLine
            .Run("import", WriteNetwork(), "--sparsity", "0.5", "--layer-sparsity", "wide=0.75", "-o", _folder["fast.subp"])
            .Succeeds();
        CommandLine.Run("export", _folder["fast.subp"], "-o", _folder["fast.onnx"]).Succeeds();
        CommandLine.Run("import", _folder["fast.onnx"], "-o", _folder["back.subp"]).Succeeds();

        var pruned = NetworkFile.Read(_folder["fast.subp"]);
        // Without the passes that find blocks: what any other reader of the file sees.
        var exported = OnnxImporter.ImportFile(_folder["fast.onnx"]);
        var back = NetworkFile.Read(_folder["back.subp"]);
        foreach (var name in new[] { "body.weight", "wide.weight" })
        {
            var pattern = pruned.Graph.Parameter(name).Pattern!;
            Assert.Equal(pattern, back.Graph.Parameter(name).Pattern);
            Assert.Equal(pruned.Weights[name].Values, exported.Weights[name].Values);
            Assert.Equal(
                pattern.Sparsity,
                exported.Weights[name].Values.Count(value => value == 0) / (double)exported.Weights[name].Values.Length
            );
        }
    }

    [Theory]
    [InlineData("SUBP0511", 2, "--include", "bdoy")]
    [InlineData("SUBP0509", 2, "--block-length", "1000")]
    [InlineData("SUBP0513", 2, "--preset", "resnet18-60/127")]
    [InlineData("SUBP0513", 2, "--preset", "resnet18-60/128")]
    [InlineData("SUBP0801", 1, "--sparsity", "1")]
    [InlineData("SUBP0801", 1, "--layer-sparsity", "body")]
    [InlineData("SUBP0801", 1, "--layer-sparsity", "body=1.5")]
    public void Options_that_cannot_be_met_are_answered_with_a_diagnostic(string id, int code, string option, string value)
    {
        CommandLine.Run("import", WriteNetwork(), option, value, "-o", _folder["fast.subp"]).Answers(code, id);
        Assert.False(File.Exists(_folder["fast.subp"]));
    }

    private string WriteNetwork()
    {
        var builder = new GraphBuilder("net");
        var value = builder.Conv2d("stem", builder.Input("image", new TensorShape(1, 3, 6, 5)), 32, Window.Square(3, 1, 1), bias: true);
        value = builder.BatchNorm("norm", builder.Conv2d("body", value, 32, Window.Square(3, 1, 1)));
        value = builder.Conv2d("wide", value, 64, Window.Square(1), bias: true);
        builder.Output(builder.Conv2d("last", value, 16, Window.Square(1), bias: true));
        var graph = builder.Build();
        File.WriteAllBytes(_folder["net.onnx"], OnnxExporter.Export(new Model(graph, WeightInitializer.Initialize(graph, 3))));
        return _folder["net.onnx"];
    }
}

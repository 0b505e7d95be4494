using System.Text.Json;
using Subp.Cli.Tests.OnnxRuntime;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Testing;
using Subp.Training.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>Verifying every ONNX file of a folder.</summary>
public sealed class VerifyFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public VerifyFolderTests()
    {
        File.WriteAllBytes(_folder["b-good.onnx"], OnnxExporter.Export(TinyClassifier.Build()));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_model_is_pruned_compiled_and_compared()
    {
        File.WriteAllBytes(_folder["b-good.onnx"], OnnxExporter.Export(Dense()));
        var answer = Verify("--json", "--include", "conv*", "--sparsity", "0.5").Succeeds().Json();
        Assert.True(answer.GetProperty("passed").GetBoolean());
        Assert.Equal("reference interpreter", answer.GetProperty("reference").GetString());
        var model = Assert.Single(answer.GetProperty("models").EnumerateArray());
        Assert.Equal("b-good", model.GetProperty("model").GetString());
        Assert.Equal(5, model.GetProperty("nodes").GetInt32());
        Assert.Equal(32 * 16 * 9 + 32 + 4 * 32 + 4, model.GetProperty("parameters").GetInt64());
        Assert.InRange(model.GetProperty("keptShare").GetDouble(), 0.5, 0.52);
        Assert.True(model.GetProperty("compileSeconds").GetDouble() > 0);
        Assert.True(model.GetProperty("peakBytes").GetInt64() > model.GetProperty("assemblyBytes").GetInt64());
        var session = Assert.Single(model.GetProperty("sessions").EnumerateArray());
        Assert.InRange(session.GetProperty("maximumError").GetDouble(), 0, 1e-5);
    }

    [Fact]
    public void A_model_that_fails_is_reported_and_the_others_go_on()
    {
        File.WriteAllBytes(_folder["a-broken.onnx"], [1, 2, 3]);
        var answer = Verify().Answers(4, "SUBP0706");
        Assert.Contains("a-broken.onnx: error SUBP0401: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("found 1 of 2 failed", answer.Error, StringComparison.Ordinal);
        var rows = answer.Out.TrimEnd('\n').Split('\n');
        Assert.EndsWith("FAILED SUBP0401", rows[2], StringComparison.Ordinal);
        Assert.EndsWith("ok", rows[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_weights_has_no_shares()
    {
        var builder = new GraphBuilder("plain");
        builder.Output(builder.Node("y", Activate.Sigmoid, builder.Input("x", new TensorShape(1, 4))));
        var graph = builder.Build();
        File.WriteAllBytes(_folder["b-good.onnx"], OnnxExporter.Export(new Model(graph, WeightInitializer.Initialize(graph, seed: 1))));
        var model = Verify("--json").Succeeds().Json().GetProperty("models")[0];
        Assert.Equal(JsonValueKind.Null, model.GetProperty("keptShare").ValueKind);
        Assert.Equal(JsonValueKind.Null, model.GetProperty("macsShare").ValueKind);
    }

    [Fact]
    public void A_model_that_drifts_is_reported()
    {
        // No order of additions gives the very bits of a sum of doubles for every output.
        var answer = Verify("--tolerance", "0").Answers(4, "SUBP0706");
        Assert.Contains("b-good.onnx, portable, 1 thread: error SUBP0702: ", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_model_is_shrunk_before_it_is_compiled_and_its_shares_are_those_of_the_file()
    {
        File.WriteAllBytes(_folder["b-good.onnx"], OnnxExporter.Export(Dense()));
        var model = Verify("--json", "--shrink", "0.5").Succeeds().Json().GetProperty("models")[0];
        Assert.Equal(16 * 16 * 9 + 16 + 4 * 16 + 4, model.GetProperty("parameters").GetInt64());
        Assert.Equal(0.5, model.GetProperty("keptShare").GetDouble());
        Assert.Equal(0.5, model.GetProperty("macsShare").GetDouble());
        Assert.InRange(model.GetProperty("sessions")[0].GetProperty("maximumError").GetDouble(), 0, 1e-5);
        CommandLine.Run("verify", _folder["b-good.onnx"], "--shrink", "0.5", "--random", "1", "--isa", "portable").Succeeds();
    }

    [Fact]
    public void Only_onnx_files_are_shrunk_to_be_verified() =>
        CommandLine.Run("verify", TinyClassifier.Write(_folder), "--shrink", "0.5").Answers(1, "SUBP0801");

    [Fact]
    public void A_link_to_a_file_is_read_as_the_file()
    {
        var folder = Directory.CreateDirectory(_folder["links"]).FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "linked.onnx"), _folder["b-good.onnx"]);
        CommandLine.Run("verify", folder, "--isa", "portable", "--threads", "1").Succeeds();
    }

    [Fact]
    public void A_compiled_model_cannot_be_pruned()
    {
        CommandLine
            .Run("compile", TinyClassifier.Write(_folder), "-o", _folder["Tiny.dll"], "--threads", "1", "--isa", "portable")
            .Succeeds();
        CommandLine.Run("verify", _folder["Tiny.dll"], "--block-length", "16").Answers(1, "SUBP0801");
    }

    [Fact]
    public void With_ONNX_Runtime_the_file_itself_is_compared_too()
    {
        var model = Verify("--json", "--onnxruntime-lib", OnnxRuntimePackage.Library).Succeeds().Json().GetProperty("models")[0];
        Assert.InRange(model.GetProperty("importError").GetDouble(), 0, 1e-6);
        Assert.StartsWith("ONNX Runtime ", model.GetProperty("sessions")[0].GetProperty("reference").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_of_bytes_are_compared_in_steps()
    {
        File.WriteAllBytes(_folder["b-good.onnx"], OnnxExporter.Export(Dense()));
        var answer = Verify("--quantize", "--onnxruntime-lib", OnnxRuntimePackage.Library).Succeeds();
        Assert.Contains("steps, same bytes", answer.Out, StringComparison.Ordinal);
        Assert.EndsWith("ok", answer.Out.TrimEnd('\n').Split('\n')[2], StringComparison.Ordinal);
    }

    // A layer that has a pattern already is not pruned again.
    private static Model Dense()
    {
        var tiny = TinyClassifier.Build();
        var weights = new WeightSet();
        foreach (var parameter in tiny.Graph.Parameters)
            weights[parameter.Name] = new WeightTensor(
                parameter.Shape,
                [.. Enumerable.Range(1, parameter.Shape.ElementCount).Select(index => (float)Math.Sin(index))]
            );
        return new Model(tiny.Graph.WithDenseParameters(), weights);
    }

    private CommandLine Verify(params string[] more) =>
        CommandLine.Run(["verify", _folder.Path, "--isa", "portable", "--threads", "1", .. more]);
}

using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Tooling.Models;

namespace Subp.Cli.Tests.Commands;

public sealed class QuantizePixelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("same", false)]
    [InlineData("imagenet", true)]
    public void A_network_of_pixels_takes_them_as_bytes(string normalization, bool hasLayer)
    {
        var (means, deviations) = hasLayer
            ? (new[] { 0.485f, 0.456f, 0.406f }, new[] { 0.229f, 0.224f, 0.225f })
            : ([0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
        var network = Write(normalization, means, deviations);
        CommandLine.Run("quantize", network, "--pixels", "-o", _folder["pixels.subp"]).Succeeds();
        var graph = NetworkFile.Read(_folder["pixels.subp"]).Graph;
        // (pixel / 255 - 0.5) / 0.25, or pixels themselves.
        var expected = hasLayer ? new Quantization(1 / 255f, 0) : new Quantization(1 / (255 * 0.25f), 128);
        Assert.Equal(expected, graph.Inputs[0].Type.Quantization);
        Assert.Equal(hasLayer, graph.Nodes.Any(node => node.Name == "image.normalized"));
        Assert.DoesNotContain(graph.Nodes, node => node.Operator is Quantize);
        CommandLine.Run("compile", _folder["pixels.subp"], "-o", _folder["pixels.dll"]).Succeeds();
        CommandLine.Run("verify", _folder["pixels.dll"], "--reference", _folder["pixels.subp"], "--random", "2").Succeeds();
        CommandLine.Run("export", _folder["pixels.subp"], "-o", _folder["pixels.onnx"]).Succeeds();
    }

    [Fact]
    public void A_network_without_a_normalisation_is_refused() =>
        CommandLine
            .Run("quantize", Write("none", [], []), "--input-range=-2,2", "--pixels", "-o", _folder["x.subp"])
            .Answers(2, "SUBP0282");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_network_of_several_inputs_and_outputs_takes_the_pixels_that_are_named_as_bytes(bool hasLayer)
    {
        var metadata = hasLayer
            ? new ModelMetadata { NormalizationMean = [0.485f, 0.456f, 0.406f], NormalizationDeviation = [0.229f, 0.224f, 0.225f] }
            : new ModelMetadata { NormalizationMean = [0.5f, 0.5f, 0.5f], NormalizationDeviation = [0.25f, 0.25f, 0.25f] };
        var builder = new GraphBuilder("several") { Metadata = metadata };
        var depth = builder.Input("depth", new TensorShape(1, 1, 8, 8));
        var image = builder.Input("image", new TensorShape(1, 3, 8, 8));
        var left = builder.BatchNorm("left", builder.Conv2d("stem", image, 32, Window.Square(3, 1, 1)));
        var right = builder.BatchNorm("right", builder.Conv2d("branch", depth, 32, Window.Square(3, 1, 1)));
        builder.Output(builder.Node("relu", Activate.Relu, left));
        builder.Output(builder.Node("pool", new GlobalAveragePool(), builder.Node("sum", new Add(), left, right)));
        var network = Write(RandomWeights.For(builder.Build(), 1));
        string[] line = ["quantize", network, "--input-range=-2,2", "-o", _folder["pixels.subp"]];
        CommandLine.Run([.. line, "--pixels"]).Answers(2, "SUBP0282");
        CommandLine.Run([.. line, "--pixel-input", "picture"]).Answers(1, "SUBP0801");
        if (hasLayer)
            // A normalisation of three channels is none of one.
            CommandLine.Run([.. line, "--pixel-input", "depth"]).Answers(2, "SUBP0282");
        CommandLine.Run([.. line, "--pixel-input", "image"]).Succeeds();
        var inputs = NetworkFile.Read(_folder["pixels.subp"]).Graph.Inputs;
        Assert.Null(inputs[0].Type.Quantization);
        Assert.NotNull(inputs[1].Type.Quantization);
        CommandLine.Run("compile", _folder["pixels.subp"], "-o", _folder["pixels.dll"]).Succeeds();
        CommandLine.Run("verify", _folder["pixels.dll"], "--reference", _folder["pixels.subp"], "--random", "2").Succeeds();

        // The caller's own bytes and floats.
        File.WriteAllBytes(_folder["image.raw"], [.. Enumerable.Range(0, 192).Select(value => (byte)value)]);
        File.WriteAllBytes(_folder["depth.raw"], new byte[4 * 64]);
        string[] files = ["--input", "image=" + _folder["image.raw"], "--input", "depth=" + _folder["depth.raw"]];
        CommandLine.Run(["run", _folder["pixels.dll"], .. files]).Succeeds();
    }

    private string Write(string name, float[] means, float[] deviations)
    {
        var builder = new GraphBuilder(name)
        {
            Metadata = new ModelMetadata { NormalizationMean = means, NormalizationDeviation = deviations },
        };
        var image = builder.Input("image", new TensorShape(1, 3, 8, 8));
        var stem = builder.BatchNorm("norm", builder.Conv2d("stem", image, 32, Window.Square(3, 1, 1)));
        var pool = builder.Node("pool", new GlobalAveragePool(), builder.Node("relu", Activate.Relu, stem));
        builder.Output(builder.Linear("classifier", builder.Node("features", new Flatten(), pool), 5));
        return Write(RandomWeights.For(builder.Build(), 1));
    }

    private string Write(Model model)
    {
        var (bundle, name) = (ModelBundle.Write(model), model.Graph.Name);
        File.WriteAllText(_folder[name + ".subp"], bundle.SubpText);
        File.WriteAllBytes(_folder[name + ".safetensors"], bundle.Safetensors);
        return _folder[name + ".subp"];
    }
}

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
        var bundle = ModelBundle.Write(RandomWeights.For(builder.Build(), 1));
        File.WriteAllText(_folder[name + ".subp"], bundle.SubpText);
        File.WriteAllBytes(_folder[name + ".safetensors"], bundle.Safetensors);
        return _folder[name + ".subp"];
    }
}

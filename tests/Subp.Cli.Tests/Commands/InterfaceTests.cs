using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>What can be done with networks of several inputs or outputs, and how the rest is refused.</summary>
public sealed class InterfaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("shrink", "--ratio", "0.5")]
    [InlineData("compress", "--sparsity", "0.5", "--channels", "0")]
    [InlineData("quantize", "--input-range", "-2,2")]
    public void A_network_of_two_outputs_is_compressed_as_it_is(string verb, params string[] options)
    {
        CommandLine.Run([verb, WriteDetector(), .. options, "-o", _folder["small.subp"]]).Succeeds();
        CommandLine.Run("verify", _folder["small.subp"], "--random", "1", "--threads", "1", "--special-values").Succeeds();
        var layers = CommandLine
            .Run("verify", _folder["small.subp"], "--random", "1", "--threads", "1", "--per-layer", "--json")
            .Succeeds();
        var names = layers.Json().GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("layer").GetString()).ToArray();
        Assert.Contains("stem", names.Select(name => name!.Split('.')[0]));
    }

    [Theory]
    [InlineData("shrink")]
    [InlineData("compress")]
    [InlineData("quantize")]
    public void A_network_of_two_inputs_is_not_compressed_and_nothing_is_left(string verb)
    {
        var answer = CommandLine.Run(verb, WriteGate(), "-o", _folder["small.subp"]).Answers(3, "SUBP0601");
        Assert.Contains("found 2 inputs, expected one", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["gate.onnx"], _folder.Names);
    }

    [Theory]
    [InlineData]
    [InlineData("--interpreter")]
    public void The_share_of_images_in_their_class_is_not_asked_of_two_outputs(params string[] options) =>
        CommandLine.Run(["eval", WriteDetector(), "--images", "2", .. options]).Answers(3, "SUBP0601");

    [Theory]
    [InlineData]
    [InlineData("--interpreter")]
    public void Nor_of_an_output_about_two_images_together(params string[] options)
    {
        var builder = new GraphBuilder("pair");
        var images = builder.Input("images", new TensorShape(2, 1, 28, 28));
        builder.Output(builder.Linear("linear", builder.Node("row", new Reshape(1, 2 * 28 * 28), images), 7));
        var path = Write("pair.onnx", RandomWeights.For(builder.Build(), seed: 2));
        var answer = CommandLine.Run(["eval", path, "--images", "4", .. options]).Answers(3, "SUBP0601");
        Assert.Contains("found an output of 7 numbers for 2 images", answer.Error, StringComparison.Ordinal);
    }

    private string WriteDetector()
    {
        var builder = new GraphBuilder("detector");
        var image = builder.Input("image", new TensorShape(1, 1, 28, 28));
        var stem = builder.BatchNorm("norm", builder.Conv2d("stem", image, 32, Window.Square(3, 2, 1)));
        stem = builder.Node("relu", Activate.Relu, stem);
        var body = builder.BatchNorm("norm2", builder.Conv2d("body", stem, 32, Window.Square(3, 2, 1)));
        body = builder.Node("relu2", Activate.Relu, body);
        builder.Output(builder.Conv2d("boxes", body, 4, Window.Square(1), bias: true));
        builder.Output(
            builder.Linear("scores", builder.Node("row", new Flatten(), builder.Node("mean", new GlobalAveragePool(), body)), 10)
        );
        return Write("detector.onnx", RandomWeights.For(builder.Build(), seed: 2));
    }

    private string WriteGate()
    {
        var builder = new GraphBuilder("gate");
        var (image, mask) = (builder.Input("image", new TensorShape(1, 16, 4, 4)), builder.Input("mask", new TensorShape(1, 16, 4, 4)));
        builder.Output(builder.Conv2d("conv", builder.Node("gated", new Mul(), image, mask), 16, Window.Square(1)));
        return Write("gate.onnx", RandomWeights.For(builder.Build(), seed: 2));
    }

    private string Write(string name, Model model)
    {
        File.WriteAllBytes(_folder[name], OnnxExporter.Export(model));
        return _folder[name];
    }
}

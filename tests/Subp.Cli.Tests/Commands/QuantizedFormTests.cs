using System.Text.Json;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Tooling.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>Networks with layers that no kernel computes on bytes: these stay float, and the network compiles.</summary>
public sealed class QuantizedFormTests : IDisposable
{
    private const string NoForm = "it has no integer form for these shapes";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Layers_and_joints_of_three_axes_stay_float()
    {
        var reasons = Quantize(builder =>
        {
            var (left, right) = (Layer(builder, "left", "image", 8), Layer(builder, "right", "image", 4));
            // Both stand for heads of a detector: pixels behind channels.
            var rows = builder.Node("rows", Moved(0, 2, 1), builder.Node("flat", new Reshape(1, 8, 36), left));
            var scores = builder.Node("scores", new Linear { Weight = builder.Parameter("weight", new TensorShape(4, 8)) }, rows);
            var others = builder.Node("others", Moved(0, 2, 1), builder.Node("others.flat", new Reshape(1, 4, 36), right));
            builder.Output(builder.Node("joint", new Concat(), scores, others));
        });
        Assert.Equal(NoForm, reasons["scores"]);
        Assert.Equal(NoForm, reasons["joint"]);
        // Nobody makes floats of bytes in this shape, so that images become floats before they are moved.
        Assert.Contains("cannot become floats", reasons["others"], StringComparison.Ordinal);
        Assert.Contains("cannot become floats", reasons["others.flat"], StringComparison.Ordinal);
        Assert.Null(reasons["right"]);
    }

    [Fact]
    public void Bytes_that_are_only_moved_between_images_have_any_shape()
    {
        var reasons = Quantize(builder =>
        {
            var wide = builder.Node("wide", new Reshape(1, 2, 4, 6, 6), Layer(builder, "first", "image", 8));
            var mixed = builder.Node("mixed", Moved(0, 2, 1, 3, 4), wide);
            builder.Output(Layer(builder, "second", builder.Node("image2", new Reshape(1, 8, 6, 6), mixed), 8));
        });
        Assert.All(reasons.Values, Assert.Null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_gate_for_each_channel_may_stand_on_either_side(bool isLeft)
    {
        var reasons = Quantize(builder =>
        {
            var image = Layer(builder, "first", "image", 8);
            var gate = builder.Node("gate", Activate.Sigmoid, builder.Node("mean", new GlobalAveragePool(), image));
            var gated = builder.Node("gated", new Mul(), isLeft ? [gate, image] : [image, gate]);
            builder.Output(Layer(builder, "second", gated, 8));
        });
        Assert.All(reasons.Values, Assert.Null);
    }

    [Fact]
    public void A_gate_for_each_pixel_is_applied_on_floats()
    {
        var reasons = Quantize(builder =>
        {
            var image = Layer(builder, "first", "image", 8);
            var gate = builder.Node("gate", Activate.Sigmoid, Layer(builder, "map", image, 1));
            builder.Output(Layer(builder, "second", builder.Node("gated", new Mul(), image, gate), 8));
        });
        Assert.Equal(NoForm, reasons["gated"]);
        Assert.Null(reasons["gate"]);
        Assert.Null(reasons["second.relu"]);
    }

    // Quantises a network, and requires that it compiles and computes what the interpreter does.
    private Dictionary<string, string?> Quantize(Action<GraphBuilder> build)
    {
        var builder = new GraphBuilder("shapes");
        builder.Input("image", new TensorShape(1, 3, 6, 6));
        build(builder);
        var bundle = ModelBundle.Write(RandomWeights.For(builder.Build(), 1));
        File.WriteAllText(_folder["float.subp"], bundle.SubpText);
        File.WriteAllBytes(_folder["float.safetensors"], bundle.Safetensors);
        using (var writer = new BinaryWriter(File.Create(_folder["inputs.bin"])))
        {
            for (var index = 0; index < 4 * 3 * 6 * 6; index++)
                writer.Write((float)Math.Sin(index * index));
        }

        var answer = CommandLine.Run(
            "quantize",
            _folder["float.subp"],
            "--calibration",
            _folder["inputs.bin"],
            "-o",
            _folder["bytes.subp"],
            "--json"
        );
        CommandLine.Run("compile", _folder["bytes.subp"], "-o", _folder["Bytes.dll"], "--threads", "1,2").Succeeds();
        string[] verify = ["verify", _folder["Bytes.dll"], "-r", _folder["bytes.subp"], "--random", "2", "--tolerance", "1e-6"];
        CommandLine.Run(verify).Succeeds();
        Assert.Contains(NetworkFile.Read(_folder["bytes.subp"]).Graph.Nodes, node => node.Type.Quantization is not null);
        return answer
            .Succeeds()
            .Json()
            .GetProperty("layers")
            .EnumerateArray()
            .ToDictionary(layer => Text(layer, "name")!, layer => Text(layer, "floatReason"), StringComparer.Ordinal);
    }

    private static string? Text(JsonElement layer, string property) => layer.GetProperty(property).GetString();

    private static Transpose Moved(params int[] axes) => new() { Permutation = axes };

    private static string Layer(GraphBuilder builder, string name, string input, int outputs) =>
        builder.Node(name + ".relu", Activate.Relu, builder.Conv2d(name, input, outputs, Window.Square(3, 1, 1), bias: true));
}

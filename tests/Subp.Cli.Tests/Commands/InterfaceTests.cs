using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Testing;
using Subp.Tooling.Models;

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
    [InlineData("shrink", "--ratio", "0.5")]
    [InlineData("shrink", "--ratio", "0.5", "--restore", "udfc")]
    [InlineData("compress", "--sparsity", "0.5", "--channels", "0", "--restore", "noise")]
    [InlineData("compress", "--sparsity", "0.5", "--channels", "0", "--restore", "moments")]
    [InlineData("compress", "--sparsity", "0.5", "--channels", "0.3", "--bits", "4")]
    [InlineData("quantize", "--input-range", "-2,2")]
    public void A_network_of_two_inputs_is_compressed_with_and_without_data(string verb, params string[] options)
    {
        var network = WriteDepthNetwork();
        CommandLine.Run([verb, network, .. options, "-o", _folder["small.subp"]]).Succeeds();
        CommandLine.Run("verify", _folder["small.subp"], "--random", "2", "--threads", "1").Succeeds();
        if (options.Contains("noise") || options.Contains("--input-range"))
            return;
        WriteFloats("colours.bin", 40 * 3 * 12 * 12);
        WriteFloats("depths.bin", 40 * 12 * 12);
        string[] data = ["--calibration", $"colour={_folder["colours.bin"]}", "--calibration", $"depth={_folder["depths.bin"]}"];
        CommandLine.Run([verb, network, .. options, .. data, "--calibration-images", "20", "-o", _folder["measured.subp"]]).Succeeds();
        CommandLine.Run("verify", _folder["measured.subp"], "--random", "2", "--threads", "1").Succeeds();
        Assert.False(
            File.ReadAllBytes(_folder["small.safetensors"]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder["measured.safetensors"]))
        );
    }

    [Fact]
    public void Bytes_of_two_inputs_have_the_ranges_of_each()
    {
        var network = WriteDepthNetwork();
        WriteFloats("colours.bin", 20 * 3 * 12 * 12, most: 1);
        WriteFloats("depths.bin", 20 * 12 * 12, most: 40);
        string[] data = ["--calibration", $"depth={_folder["depths.bin"]}", "--calibration", $"colour={_folder["colours.bin"]}"];
        CommandLine.Run(["quantize", network, .. data, "-o", _folder["bytes.subp"]]).Succeeds();
        CommandLine.Run("verify", _folder["bytes.subp"], "--random", "2", "--threads", "1").Succeeds();
        var graph = NetworkFile.Read(_folder["bytes.subp"]).Graph;
        double Reach(string input) => 255 * graph.TypeOf(graph.ConsumersOf(input)[0].Name).Quantization!.Scale;
        Assert.InRange(Reach("colour"), 0.9, 1.1);
        Assert.InRange(Reach("depth"), 36, 44);
    }

    [Theory]
    [InlineData("SUBP0801", "name=path with one of the inputs 'colour', 'depth'", "colours.bin")]
    [InlineData("SUBP0531", "20 for the input 'colour', 0 for the input 'depth'", "colour=colours.bin")]
    [InlineData("SUBP0531", "20 for the input 'colour', 60 for the input 'depth'", "colour=colours.bin", "depth=colours.bin")]
    public void Calibration_says_which_input_it_is_for_and_is_whole(string code, string message, params string[] data)
    {
        var network = WriteDepthNetwork();
        WriteFloats("colours.bin", 20 * 3 * 12 * 12);
        var answer = CommandLine
            .Run([
                "shrink",
                network,
                .. data.SelectMany(path =>
                    new[] { "--calibration", path.Replace("colours.bin", _folder["colours.bin"], StringComparison.Ordinal) }
                ),
                "-o",
                _folder["small.subp"],
            ])
            .Answers(code == "SUBP0801" ? 1 : 2, code);
        Assert.Contains(message, answer.Error, StringComparison.Ordinal);
        Assert.Equal(["colours.bin", "rgbd.onnx"], _folder.Names);
    }

    [Fact]
    public void Accuracy_is_not_asked_of_two_inputs()
    {
        var network = WriteDepthNetwork();
        Assert.Contains(
            "found a network of 2 inputs, expected one",
            CommandLine.Run("eval", network).Answers(3, "SUBP0601").Error,
            StringComparison.Ordinal
        );
        CommandLine.Run("shrink", network, "--eval", "-o", _folder["small.subp"]).Answers(3, "SUBP0601");
        Assert.Equal(["rgbd.onnx"], _folder.Names);
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

    // A picture and its distances, as robots see: two stems whose channels are joined.
    private string WriteDepthNetwork()
    {
        var builder = new GraphBuilder("rgbd");
        string Unit(string name, string input, int width) =>
            builder.Node(
                $"{name}.relu",
                Activate.Relu,
                builder.BatchNorm($"{name}.norm", builder.Conv2d(name, input, width, Window.Square(3, 1, 1)))
            );
        var colour = Unit("colours", builder.Input("colour", new TensorShape(1, 3, 12, 12)), 32);
        var depth = Unit("depths", builder.Input("depth", new TensorShape(1, 1, 12, 12)), 16);
        var body = Unit("body", builder.Node("both", new Concat(), colour, depth), 32);
        body = Unit("last", body, 32);
        builder.Output(
            builder.Linear("scores", builder.Node("row", new Flatten(), builder.Node("mean", new GlobalAveragePool(), body)), 10)
        );
        return Write("rgbd.onnx", RandomWeights.For(builder.Build(), seed: 3));
    }

    private void WriteFloats(string name, int count, float most = 1)
    {
        var random = new Random(count);
        File.WriteAllBytes(
            _folder[name],
            [.. Enumerable.Range(0, count).SelectMany(_ => BitConverter.GetBytes(most * random.NextSingle()))]
        );
    }

    private string Write(string name, Model model)
    {
        File.WriteAllBytes(_folder[name], OnnxExporter.Export(model));
        return _folder[name];
    }
}

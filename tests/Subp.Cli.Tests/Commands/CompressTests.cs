using System.Text.Json;
using SkiaSharp;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx;
using Subp.Testing;
using Subp.Tooling.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>One-shot blocks, restored, from the command line.</summary>
public sealed class CompressTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_network_with_batch_normalisation_is_compressed_and_compiles()
    {
        var answer = CommandLine.Run("compress", WriteNetwork(), "--sparsity", "0.5", "-o", _folder["half.subp"], "--json").Succeeds();

        Assert.Contains("info SUBP0530: ", answer.Error, StringComparison.Ordinal);
        var layer = Assert.Single(answer.Json().GetProperty("layers").EnumerateArray());
        Assert.Equal(("body", 16, 32), (layer.GetProperty("layer").GetString(), Int(layer, "kept"), Int(layer, "inputChannels")));
        Assert.InRange(layer.GetProperty("predictedError").GetDouble(), 0.001, 0.9);
        var model = NetworkFile.Read(_folder["half.subp"]);
        Assert.True(model.Graph.Parameter("body.weight").Pattern!.IsUniform);
        Assert.DoesNotContain(model.Graph.Nodes, node => node.Operator is BatchNorm);
        CommandLine.Run("compile", _folder["half.subp"], "-o", _folder["out"]).Succeeds();
    }

    [Fact]
    public void Normalisations_are_kept_on_request_and_the_result_can_be_compressed_again()
    {
        CommandLine.Run("compress", WriteNetwork(), "--sparsity", "0.25", "--keep-batch-norm", "-o", _folder["first.subp"]).Succeeds();
        Assert.Contains(NetworkFile.Read(_folder["first.subp"]).Graph.Nodes, node => node.Operator is BatchNorm);
        CommandLine.Run("compress", _folder["first.subp"], "--sparsity", "0.5", "-o", _folder["second.subp"]).Succeeds();
        Assert.Equal(16, NetworkFile.Read(_folder["second.subp"]).Graph.Parameter("body.weight").Pattern!.Kept(0).Count);
    }

    [Fact]
    public void Restoring_nothing_warns_as_import_does() =>
        Assert.Contains(
            "warning SUBP0512: ",
            CommandLine.Run("compress", WriteNetwork(), "--restore", "none", "-o", _folder["none.subp"]).Succeeds().Error,
            StringComparison.Ordinal
        );

    [Fact]
    public void Calibration_inputs_lower_the_difference_to_the_original()
    {
        var images = WriteInputs("images.bin", index => RandomWeights.Input(new TensorShape(1, 3, 8, 8), index));
        // Random weights come with statistics of nothing: one block less, and they are those of the inputs, as training leaves them.
        var source = _folder["measured.subp"];
        CommandLine
            .Run([
                "compress",
                WriteNetwork(),
                "--sparsity",
                "0.04",
                "--restore",
                "bn",
                "--calibration",
                images,
                "--keep-batch-norm",
                "-o",
                source,
            ])
            .Succeeds();
        double Difference(string name, params string[] options) =>
            CommandLine
                .Run(["compress", source, "--sparsity", "0.5", "-o", _folder[name], "--json", "--calibration", images, .. options])
                .Succeeds()
                .Json()
                .GetProperty("difference")
                .GetProperty("relativeError")
                .GetDouble();
        var (none, moments) = (Difference("a.subp", "--restore", "none"), Difference("b.subp"));
        Assert.True(moments < none, FormattableString.Invariant($"{moments} and {none}"));
    }

    [Theory]
    [InlineData("compress", "--sparsity", "0.5", "-N", "4", "--restore", "none")]
    [InlineData("shrink", "--ratio", "0.5", "--multiple", "1", "--restore", "none")]
    public void What_is_left_learns_the_answers_of_the_original(string verb, params string[] options)
    {
        var images = WriteInputs("images.bin", index => RandomWeights.Input(new TensorShape(1, 3, 8, 8), index), count: 40);
        string[] inputs = ["--calibration", images, "--calibration-images", "40"];
        // Statistics of normalisations that are those of the inputs, as training leaves them.
        var source = _folder["measured.subp"];
        string[] bn = ["--ratio", "0.12", "--multiple", "1", "--restore", "bn", "--keep-batch-norm"];
        CommandLine.Run(["shrink", WriteNetwork(), .. bn, .. inputs, "-o", source]).Succeeds();
        string[] line = [verb, source, .. options, .. inputs, "--json"];
        (double Error, int Passes) Compress(string name, params string[] more)
        {
            var answer = CommandLine.Run([.. line, .. more, "-o", _folder[name]]).Succeeds();
            var passes = answer.Json().GetProperty("distillation").GetInt32();
            Assert.Equal(passes > 0, answer.Error.Contains($"learned in {passes} passes", StringComparison.Ordinal));
            return (answer.Json().GetProperty("difference").GetProperty("relativeError").GetDouble(), passes);
        }

        var (restored, none) = Compress("a.subp");
        var (distilled, passes) = Compress("b.subp", "--distill", "200");
        Assert.InRange(distilled, 0, 0.5 * restored);
        Assert.Equal((0, 200), (none, passes));
        CommandLine.Run("verify", _folder["b.subp"], "--random", "2", "--threads", "1").Succeeds();
    }

    [Theory]
    [InlineData("compress", "--sparsity", "0.5")]
    [InlineData("shrink", "--ratio", "0.3")]
    [InlineData("quantize")]
    public void Without_inputs_some_are_made_from_what_the_network_knows(string verb, params string[] options)
    {
        string[] synthetic = ["--calibration", "synthetic", "--calibration-images", "12"];
        var answer = CommandLine.Run([verb, WriteNetwork(), .. options, .. synthetic, "-o", _folder["a.subp"]]).Succeeds();
        Assert.DoesNotContain("held out", answer.Error, StringComparison.Ordinal);
        CommandLine.Run([verb, WriteNetwork(), .. options, .. synthetic, "-o", _folder["b.subp"]]).Succeeds();
        Assert.Equal(File.ReadAllBytes(_folder["a.safetensors"]), File.ReadAllBytes(_folder["b.safetensors"]));
        CommandLine.Run("verify", _folder["a.subp"], "--random", "2", "--threads", "1").Succeeds();
    }

    [Fact]
    public void Bytes_of_the_input_are_those_of_pixels_whatever_synthetic_ones_are()
    {
        string[] options = ["--calibration", "synthetic", "--calibration-images", "12", "--normalize", "0..1"];
        CommandLine.Run(["quantize", WriteNetwork(), .. options, "-o", _folder["a.subp"]]).Succeeds();
        var graph = NetworkFile.Read(_folder["a.subp"]).Graph;
        var first = graph.TypeOf(graph.ConsumersOf(graph.Inputs[0].Name)[0].Name).Quantization!;
        Assert.Equal((1 / 255f, 0), (first.Scale, first.ZeroPoint));
    }

    [Fact]
    public void Synthetic_inputs_stand_alone_and_want_normalisations()
    {
        var answer = CommandLine
            .Run("compress", WriteNetwork(), "--calibration", "synthetic", "--calibration", "more.npy", "-o", _folder["x.subp"])
            .Answers(1, "SUBP0801");
        Assert.Contains("'synthetic' beside other inputs", answer.Error, StringComparison.Ordinal);
        CommandLine.Run("compress", WriteNetwork(), "--sparsity", "0.5", "-o", _folder["folded.subp"]).Succeeds();
        CommandLine.Run("compress", _folder["folded.subp"], "--calibration", "synthetic", "-o", _folder["x.subp"]).Answers(2, "SUBP0531");
        Assert.False(File.Exists(_folder["x.subp"]));
    }

    [Fact]
    public void Calibration_inputs_that_are_all_the_same_are_refused() =>
        CommandLine
            .Run("compress", WriteNetwork(), "--calibration", WriteInputs("same.bin", _ => new float[3 * 64]), "-o", _folder["x.subp"])
            .Answers(2, "SUBP0531");

    [Fact]
    public void Calibration_inputs_that_are_not_finite_are_refused() =>
        CommandLine
            .Run(
                "compress",
                WriteNetwork(),
                "--calibration",
                WriteInputs("nan.bin", index => [float.NaN, .. Enumerable.Repeat((float)index, (3 * 64) - 1)]),
                "-o",
                _folder["x.subp"]
            )
            .Answers(2, "SUBP0531");

    [Fact]
    public void Calibration_inputs_of_another_size_are_refused()
    {
        File.WriteAllBytes(_folder["odd.bin"], new byte[100]);
        CommandLine.Run("compress", WriteNetwork(), "--calibration", _folder["odd.bin"], "-o", _folder["x.subp"]).Answers(2, "SUBP0809");
    }

    [Fact]
    public void A_small_network_is_restored_on_noise_where_nothing_else_is_said() =>
        Assert.Equal(
            "Noise",
            CommandLine
                .Run("compress", WriteNetwork(), "-o", _folder["noise.subp"], "--json")
                .Succeeds()
                .Json()
                .GetProperty("restoration")
                .GetString(),
            ignoreCase: true
        );

    [Fact]
    public void Noise_beside_inputs_is_refused() =>
        CommandLine
            .Run(
                "compress",
                WriteNetwork(),
                "--restore",
                "noise",
                "--calibration",
                WriteInputs("images.bin", index => RandomWeights.Input(new TensorShape(1, 3, 8, 8), index)),
                "-o",
                _folder["x.subp"]
            )
            .Answers(1, "SUBP0801");

    [Fact]
    public void Import_restores_as_compress_does()
    {
        var images = WriteInputs("images.bin", index => RandomWeights.Input(new TensorShape(1, 3, 8, 8), index));
        string[] options = ["--sparsity", "0.5", "--restore", "moments", "--calibration", images];
        var answer = CommandLine.Run(["import", WriteNetwork(), .. options, "-o", _folder["imported.subp"]]).Succeeds();
        Assert.Contains("info SUBP0530: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("all of them inputs that it was fitted to", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("SUBP0512", answer.Error, StringComparison.Ordinal);
        CommandLine.Run(["compress", WriteNetwork(), .. options, "-o", _folder["compressed.subp"]]).Succeeds();
        Assert.Equal(File.ReadAllBytes(_folder["compressed.safetensors"]), File.ReadAllBytes(_folder["imported.safetensors"]));
        CommandLine.Run(["import", WriteNetwork(), .. options, "--rearrange", "-o", _folder["x.subp"]]).Answers(1, "SUBP0801");
        CommandLine.Run(["import", WriteNetwork(), .. options, "--criterion", "l1", "-o", _folder["x.subp"]]).Answers(1, "SUBP0801");
    }

    // Inputs that weights were fitted to say nothing about others.
    [Fact]
    public void A_loss_is_predicted_by_inputs_that_were_held_out()
    {
        var images = WriteInputs("images.bin", index => RandomWeights.Input(new TensorShape(1, 3, 8, 8), index), count: 40);
        string[] line = ["compress", WriteNetwork(), "--sparsity", "0.5", "--calibration", images, "-o", _folder["x.subp"], "--force"];
        var answer = CommandLine.Run([.. line, "--calibration-images", "20"]).Succeeds();
        Assert.Contains("a predicted loss of at most ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("by inputs that were held out", answer.Error, StringComparison.Ordinal);
        answer = CommandLine.Run([.. line, "--calibration-images", "21"]).Succeeds();
        Assert.DoesNotContain("a predicted loss", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_and_bits_are_restored_at_once_by_Udfc_which_takes_no_inputs()
    {
        string[] line = ["compress", WriteNetwork(), "--channels", "0.5", "--bits", "3", "--compensate", "udfc", "--force", "--json"];
        var together = CommandLine.Run([.. line, "--sparsity", "0", "-o", _folder["together.subp"]]).Succeeds();
        Assert.Contains("channels removed", together.Error, StringComparison.Ordinal);
        Assert.Contains("weights rounded to 3 to ", together.Error, StringComparison.Ordinal);
        var apart = CommandLine.Run([.. line.SkipLast(1), "--sparsity", "0.5", "-N", "8", "-o", _folder["apart.subp"]]).Succeeds();
        Assert.StartsWith("channels of", apart.Out, StringComparison.Ordinal);
        var images = WriteInputs("images.bin", index => RandomWeights.Input(new TensorShape(1, 3, 8, 8), index));
        CommandLine.Run([.. line, "--calibration", images, "-o", _folder["x.subp"]]).Answers(1, "SUBP0801");
        Assert.False(File.Exists(_folder["x.subp"]));
    }

    [Fact]
    public void A_network_without_batch_normalisation_is_warned_of()
    {
        CommandLine.Run("import", WriteNetwork(), "-o", _folder["folded.subp"]).Succeeds();
        var answer = CommandLine.Run("compress", _folder["folded.subp"], "--sparsity", "0.5").Succeeds();
        Assert.Contains("warning SUBP0532: ", answer.Error, StringComparison.Ordinal);
        foreach (var asked in new[] { "moments", "none" })
        {
            string[] bits = ["--sparsity", "0", "--bits", "4", "--compensate", asked, "--force"];
            answer = CommandLine.Run(["compress", _folder["folded.subp"], .. bits, "-o", _folder["bits.subp"]]).Succeeds();
            Assert.Equal(asked == "moments", answer.Error.Contains("warning SUBP0532: ", StringComparison.Ordinal));
        }

        Assert.True(File.Exists(_folder["folded-compressed.subp"]));
    }

    [Fact]
    public void Channels_blocks_and_bits_go_together_with_one_page()
    {
        var json = CommandLine
            .Run([
                "compress",
                WriteNetwork(),
                "--channels",
                "0.5",
                "--sparsity",
                "0.5",
                "-N",
                "8",
                "--min-input-channels",
                "16",
                "--bits",
                "4",
                "--report",
                _folder["report.html"],
                "--pareto",
                "-o",
                _folder["joint.subp"],
                "--json",
            ])
            .Succeeds()
            .Json();
        Assert.Equal([16, 16, 8], json.GetProperty("groups").EnumerateArray().Select(group => Int(group, "after")));
        Assert.Equal(8, Int(Assert.Single(json.GetProperty("layers").EnumerateArray()), "kept"));
        Assert.Equal((8, 4), (Int(json.GetProperty("bits"), "stem"), Int(json.GetProperty("bits"), "body")));
        var model = NetworkFile.Read(_folder["joint.subp"]);
        var filters = model.Weights["body.weight"].Values.Chunk(16 * 9).ToArray();
        Assert.All(filters, filter => Assert.InRange(filter.Distinct().Count(), 2, 15));
        CommandLine.Run("verify", _folder["joint.subp"], "--random", "2").Succeeds();

        var page = File.ReadAllText(_folder["report.html"]);
        foreach (var text in new[] { "predicted time", "measured time", "What is lost", "62.5 %", "Channels", "packed at their bits" })
            Assert.Contains(text, page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2,6")]
    [InlineData("auto")]
    public void Bits_alone_leave_blocks_as_they_are(string bits)
    {
        CommandLine.Run("compress", WriteNetwork(), "--sparsity", "0", "--bits", bits, "-o", _folder["bits.subp"]).Succeeds();
        var model = NetworkFile.Read(_folder["bits.subp"]);
        Assert.Null(model.Graph.Parameter("body.weight").Pattern);
        Assert.All(model.Weights["body.weight"].Values.Chunk(32 * 9), filter => Assert.InRange(filter.Distinct().Count(), 3, 255));
    }

    // Not those that the network has before its normalisations are folded.
    [Fact]
    public void Automatic_bits_reach_the_bytes_that_are_stored()
    {
        string[] line = ["compress", WriteNetwork(), "--sparsity", "0", "--compensate", "none", "--force", "--json"];
        var least = Int(CommandLine.Run([.. line, "--bits", "2", "-o", _folder["two.subp"]]).Succeeds().Json(), "bytes");
        foreach (var more in new[] { 0, 500, 1000 })
        {
            var size = FormattableString.Invariant($"{least + more}B");
            string[] automatic = ["--bits", "auto", "--bits-size", size, "-o", _folder["auto.subp"]];
            Assert.InRange(Int(CommandLine.Run([.. line, .. automatic]).Succeeds().Json(), "bytes"), least, least + more);
        }

        string[] fewer = ["--bits", "auto", "--bits-size", FormattableString.Invariant($"{least - 1}B"), "-o", _folder["x.subp"]];
        CommandLine.Run([.. line, .. fewer]).Answers(2, "SUBP0534");
    }

    [Theory]
    [InlineData("SUBP0801", 1, "--bits", "1")]
    [InlineData("SUBP0801", 1, "--bits", "many")]
    [InlineData("SUBP0801", 1, "--bits-size", "1kB")]
    [InlineData("SUBP0801", 1, "--compensate", "moments")]
    [InlineData("SUBP0534", 2, "--bits", "auto", "--bits-error", "1e-9")]
    [InlineData("SUBP0801", 1, "--bits", "auto", "--bits-size", "1kB", "--bits-error", "0.1")]
    [InlineData("SUBP0801", 1, "--sparsity", "0")]
    [InlineData("SUBP0801", 1, "--pareto")]
    [InlineData("SUBP0534", 2, "--bits", "auto", "--bits-size", "10B")]
    public void Bits_and_pages_that_cannot_be_are_refused(string id, int code, params string[] options) =>
        CommandLine.Run(["compress", WriteNetwork(), "-o", _folder["x.subp"], .. options]).Answers(code, id);

    [Theory]
    [InlineData("images", "images")]
    [InlineData("set", "set/train/a", "set/train/b")]
    public void Folders_of_pictures_are_calibration_inputs(string folder, params string[] places)
    {
        foreach (var (place, index) in places.Select((place, index) => (place, index)))
        {
            Directory.CreateDirectory(_folder[place]);
            for (var picture = 0; picture < 8; picture++)
            {
                using var bitmap = new SKBitmap(12, 10, SKColorType.Rgba8888, SKAlphaType.Opaque);
                bitmap.Erase(new SKColor((byte)(30 * picture), (byte)(99 * index), (byte)(255 - (20 * picture))));
                bitmap.SetPixel(6, 5, SKColors.White);
                using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
                File.WriteAllBytes(Path.Combine(_folder[place], FormattableString.Invariant($"{picture}.png")), data.ToArray());
            }
        }

        string[] options = ["--sparsity", "0.5", "--calibration", _folder[folder], "--normalize", "imagenet", "-o", _folder["x.subp"]];
        var answer = CommandLine.Run(["compress", WriteNetwork(), .. options]).Succeeds();
        Assert.Contains(FormattableString.Invariant($"of {8 * places.Length} calibration inputs"), answer.Error, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder[places[0]], "broken.png"), "text");
        CommandLine.Run(["compress", WriteNetwork(), .. options, "-f"]).Answers(2, "SUBP0572");
    }

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private string WriteInputs(string name, Func<int, float[]> input, int count = 20)
    {
        using var file = File.Create(_folder[name]);
        for (var index = 0; index < count; index++)
        {
            foreach (var value in input(index))
                file.Write(BitConverter.GetBytes(value));
        }

        return _folder[name];
    }

    private string WriteNetwork()
    {
        var builder = new GraphBuilder("small");
        var value = builder.Input("image", new TensorShape(1, 3, 8, 8));
        foreach (var name in new[] { "stem", "body" })
        {
            value = builder.BatchNorm($"{name}.norm", builder.Conv2d(name, value, 32, Window.Square(3, 1, 1)));
            value = builder.Node($"{name}.relu", Activate.Relu, value);
        }

        value = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("last", value, 8));
        var model = RandomWeights.For(builder.Build(), 7);
        var path = _folder["small.onnx"];
        if (File.Exists(path))
            return path;
        using var file = File.Create(path);
        OnnxExporter.Export(model, file);
        return path;
    }
}

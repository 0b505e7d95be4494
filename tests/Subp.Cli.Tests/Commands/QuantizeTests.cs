using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Tooling.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>Networks of bytes from the command line.</summary>
public sealed class QuantizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_data_ranges_come_from_normalisations_and_every_layer_computes_on_bytes()
    {
        var answer = CommandLine.Run("quantize", WriteNetwork(), "-o", _folder["bytes.subp"], "--json").Succeeds();

        Assert.Contains("info SUBP0597: ", answer.Error, StringComparison.Ordinal);
        var json = answer.Json();
        Assert.All(
            json.GetProperty("layers").EnumerateArray(),
            layer => Assert.Equal(System.Text.Json.JsonValueKind.Null, layer.GetProperty("floatReason").ValueKind)
        );
        Assert.InRange(json.GetProperty("difference").GetProperty("relativeError").GetDouble(), 0, 0.15);
        var graph = NetworkFile.Read(_folder["bytes.subp"]).Graph;
        Assert.Equal(ElementType.Int8, graph.Parameter("body.weight").Element);
        // The residual addition is a node of its own, between bytes, and takes the ReLU behind it along.
        var sum = Assert.Single(graph.Nodes, node => node.Operator is Add);
        Assert.Equal(Activation.Relu, ((Add)sum.Operator).Activation);
        Assert.All(sum.Inputs, input => Assert.NotNull(graph.TypeOf(input).Quantization));
        // Scores are not rounded to bytes.
        Assert.Equal(TensorType.Float32, graph.TypeOf(graph.Outputs[0]));
    }

    [Theory]
    [InlineData("min-max")]
    [InlineData("percentile")]
    [InlineData("mse")]
    [InlineData("entropy")]
    public void With_inputs_ranges_are_measured(string method)
    {
        var json = CommandLine
            .Run("quantize", WriteNetwork(), "--calibration", WriteInputs(8), "--ranges", method, "-o", _folder["b.subp"], "--json")
            .Succeeds()
            .Json();
        Assert.InRange(json.GetProperty("difference").GetProperty("relativeError").GetDouble(), 0, 0.1);
    }

    [Fact]
    public void Blocks_stay_pruned_and_the_file_is_a_quarter()
    {
        CommandLine.Run("compress", WriteNetwork(), "--sparsity", "0.5", "-o", _folder["half.subp"], "--keep-batch-norm").Succeeds();
        var json = CommandLine.Run("quantize", _folder["half.subp"], "-o", _folder["bytes.subp"], "--json").Succeeds().Json();
        Assert.True(json.GetProperty("bytesAfter").GetInt64() * 2 < json.GetProperty("bytesBefore").GetInt64());
        Assert.Equal(
            NetworkFile.Read(_folder["half.subp"]).Graph.Parameter("body.weight").Pattern,
            NetworkFile.Read(_folder["bytes.subp"]).Graph.Parameter("body.weight").Pattern
        );
    }

    [Fact]
    public void A_layer_that_is_named_stays_float_and_its_readers_get_conversions()
    {
        CommandLine.Run("quantize", WriteNetwork(), "--float", "bod*", "-o", _folder["bytes.subp"]).Succeeds();
        var graph = NetworkFile.Read(_folder["bytes.subp"]).Graph;
        Assert.Equal(TensorType.Float32, graph.TypeOf("body"));
        Assert.Equal(2, graph.Nodes.Count(node => node.Operator is Quantize));
        CommandLine.Run("quantize", WriteNetwork(), "--float", "bdy", "-o", _folder["x.subp"]).Answers(2, "SUBP0511");
        CommandLine.Run("quantize", WriteNetwork(), "--float", "*", "-o", _folder["x.subp"]).Answers(2, "SUBP0598");
    }

    [Theory]
    [InlineData("stem.norm", "stem")]
    [InlineData("stem.rel?", "stem")]
    [InlineData("relu", "sum")]
    public void A_node_that_became_part_of_a_layer_names_the_layer(string name, string layer)
    {
        CommandLine.Run("quantize", WriteNetwork(), "--float", name, "-o", _folder["bytes.subp"]).Succeeds();
        Assert.Equal(TensorType.Float32, NetworkFile.Read(_folder["bytes.subp"]).Graph.TypeOf(layer));
    }

    [Theory]
    [InlineData("--ranges", "mse", false, "no --calibration")]
    [InlineData("--calibration-images", "8", false, "no --calibration")]
    [InlineData("--deviations", "5", true, "--calibration beside it")]
    [InlineData("--input-range", "-2,2", true, "--calibration beside it")]
    [InlineData("--machine", "zen4", false, "no --fastest or --latency")]
    public void An_option_that_would_change_nothing_is_refused(string option, string value, bool hasInputs, string found)
    {
        string[] inputs = hasInputs ? ["--calibration", WriteInputs(4)] : [];
        Assert.Contains(
            found,
            CommandLine
                .Run(["quantize", WriteNetwork(), $"{option}={value}", .. inputs, "-o", _folder["x.subp"]])
                .Answers(1, "SUBP0801")
                .Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("8", 127)]
    [InlineData("7", 63)]
    public void Weights_use_all_of_the_bits_that_they_may_take_and_no_more(string bits, int largest)
    {
        CommandLine.Run("quantize", WriteNetwork(), "--weight-bits", bits, "-o", _folder["b.subp"]).Succeeds();
        var model = NetworkFile.Read(_folder["b.subp"]);
        foreach (var parameter in model.Graph.Parameters.Where(parameter => parameter.Element == ElementType.Int8))
            Assert.Equal(largest, model.Weights[parameter.Name].SignedBytes.Max(value => Math.Abs((int)value)));
    }

    [Fact]
    public void Weights_of_other_bits_are_refused() =>
        CommandLine.Run("quantize", WriteNetwork(), "--weight-bits", "6", "-o", _folder["x.subp"]).Answers(1, "SUBP0801");

    [Fact]
    public void Equalised_networks_compute_the_same_before_they_are_rounded()
    {
        var json = CommandLine
            .Run("quantize", WriteNetwork(), "--equalize", "--calibration", WriteInputs(8), "-o", _folder["b.subp"], "--json")
            .Succeeds()
            .Json();
        Assert.InRange(json.GetProperty("difference").GetProperty("relativeError").GetDouble(), 0, 0.1);
    }

    [Fact]
    public void Without_normalisations_inputs_are_needed()
    {
        var bundle = ModelBundle.Write(PassPipeline.Pack(NetworkFile.Read(WriteNetwork())));
        File.WriteAllText(_folder["folded.subp"], bundle.SubpText);
        File.WriteAllBytes(_folder["folded.safetensors"], bundle.Safetensors);
        Assert.Contains(
            "--calibration",
            CommandLine.Run("quantize", _folder["folded.subp"], "-o", _folder["x.subp"]).Answers(2, "SUBP0595").Error,
            StringComparison.Ordinal
        );
        CommandLine.Run("quantize", _folder["folded.subp"], "--calibration", WriteInputs(4), "-o", _folder["x.subp"]).Succeeds();
    }

    [Fact]
    public void An_input_whose_range_nobody_knows_is_asked_for()
    {
        CommandLine.Run("quantize", WriteNetwork(normalized: false), "-o", _folder["x.subp"]).Answers(2, "SUBP0595");
        CommandLine.Run("quantize", WriteNetwork(normalized: false), "--input-range", "-2,2", "-o", _folder["x.subp"]).Succeeds();
        foreach (var range in new[] { "2", "2,-2", "a,b", "0,inf" })
            CommandLine.Run("quantize", WriteNetwork(), $"--input-range={range}", "-o", _folder["y.subp"]).Answers(1, "SUBP0801");
    }

    [Fact]
    public void Inputs_that_are_of_no_use_are_refused()
    {
        CommandLine
            .Run("quantize", WriteNetwork(), "--calibration", WriteInputs(1, constant: true), "-o", _folder["x.subp"])
            .Answers(2, "SUBP0531");
        File.WriteAllBytes(_folder["short.bin"], new byte[10]);
        CommandLine.Run("quantize", WriteNetwork(), "--calibration", _folder["short.bin"], "-o", _folder["x.subp"]).Answers(2, "SUBP0809");
    }

    [Fact]
    public void A_value_that_no_input_reaches_is_named()
    {
        var answer = CommandLine
            .Run("quantize", WriteNetwork(isDead: true), "--calibration", WriteInputs(4), "-o", _folder["x.subp"])
            .Succeeds();
        Assert.Contains("layer 'stem': warning SUBP0596: ", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_bytes_is_not_quantised_again()
    {
        CommandLine.Run("quantize", WriteNetwork(), "-o", _folder["bytes.subp"]).Succeeds();
        CommandLine.Run("quantize", _folder["bytes.subp"], "-o", _folder["x.subp"]).Answers(2, "SUBP0231");
    }

    [Fact]
    public void Within_a_tolerance_as_few_layers_as_possible_stay_float_and_the_report_says_why()
    {
        var all = CommandLine.Run("quantize", WriteNetwork(), "--calibration", WriteInputs(8), "-o", _folder["a.subp"], "--json");
        var whole = all.Succeeds().Json().GetProperty("difference").GetProperty("relativeError").GetDouble();
        string Share(double part) => (whole * part).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        string[] With(string tolerance, string target) =>
            ["quantize", WriteNetwork(), "--calibration", WriteInputs(8), "--tolerance", tolerance, "-o", _folder[target], "--json"];

        var loose = CommandLine.Run(With(Share(4), "loose.subp")).Succeeds().Json();
        Assert.Empty(FloatReasons(loose));
        var tight = CommandLine.Run(With(Share(0.7), "tight.subp")).Succeeds().Json();
        Assert.NotEmpty(FloatReasons(tight));
        Assert.Contains(FloatReasons(tight), reason => reason.StartsWith("alone it puts outputs", StringComparison.Ordinal));
        Assert.True(tight.GetProperty("difference").GetProperty("relativeError").GetDouble() < whole);
        CommandLine.Run(With("0.0000001", "none.subp")).Answers(2, "SUBP0280");
        CommandLine.Run(With("-1", "none.subp")).Answers(1, "SUBP0801");
    }

    [Fact]
    public void The_fastest_network_is_never_predicted_slower_than_bytes_alone()
    {
        var json = CommandLine
            .Run("quantize", WriteWideNetwork(), "--fastest", "--machine", "zen4", "-o", _folder["fast.subp"], "--json")
            .Succeeds()
            .Json();
        var speed = json.GetProperty("speed");
        Assert.Equal("zen4", speed.GetProperty("machine").GetString());
        Assert.True(speed.GetProperty("chosen").GetDouble() <= speed.GetProperty("bytes").GetDouble());
        // Many multiply-adds of one pixel are faster on bytes whatever stands before them.
        var wide = json.GetProperty("layers").EnumerateArray().Single(layer => layer.GetProperty("name").GetString() == "wide2");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, wide.GetProperty("floatReason").ValueKind);
    }

    [Fact]
    public void A_time_is_spent_on_the_layers_that_matter_most()
    {
        System.Text.Json.JsonElement Quantized(string latency, string name) =>
            CommandLine
                .Run([
                    "quantize",
                    WriteWideNetwork(),
                    "--latency",
                    latency,
                    "--machine",
                    "zen5",
                    "--peak",
                    "100",
                    "--calibration",
                    WriteInputs(8),
                    "-o",
                    _folder[name],
                    "--json",
                ])
                .Succeeds()
                .Json();
        double Predicted(string file, params string[] more) =>
            CommandLine
                .Run(["inspect", file, "--peak", "100", "--machine", "zen5", "--json", .. more])
                .Succeeds()
                .Json()
                .GetProperty("prediction")
                .GetProperty("microseconds")
                .GetDouble();
        CommandLine
            .Run("quantize", WriteWideNetwork(), "--fastest", "--machine", "zen5", "--calibration", WriteInputs(8), "-o", _folder["f.subp"])
            .Succeeds();
        var floats = ModelBundle.Write(PassPipeline.Pack(NetworkFile.Read(WriteWideNetwork())));
        File.WriteAllText(_folder["floats.subp"], floats.SubpText);
        File.WriteAllBytes(_folder["floats.safetensors"], floats.Safetensors);
        var (fast, slow) = (Predicted(_folder["f.subp"]), Predicted(_folder["floats.subp"]));
        string Between(double share) => FormattableString.Invariant($"{fast + (share * (slow - fast))}us");

        var tight = Quantized(Between(0.02), "tight.subp");
        var loose = Quantized(Between(0.98), "loose.subp");
        Assert.InRange(Predicted(_folder["tight.subp"]), fast, fast + (0.02 * (slow - fast)));
        Assert.InRange(Predicted(_folder["loose.subp"]), fast, fast + (0.98 * (slow - fast)));
        Assert.True(FloatReasons(loose).Count() > FloatReasons(tight).Count());
        Assert.Contains(FloatReasons(loose), reason => reason.StartsWith("alone it puts outputs", StringComparison.Ordinal));
        double Error(System.Text.Json.JsonElement json) => json.GetProperty("difference").GetProperty("relativeError").GetDouble();
        Assert.True(Error(loose) < Error(tight));
    }

    [Theory]
    [InlineData("SUBP0534", 2, "--latency", "0.001us", "--peak", "100")]
    [InlineData("SUBP0598", 2, "--latency", "1s", "--peak", "100")]
    [InlineData("SUBP0801", 1, "--latency", "1ms", "--fastest")]
    [InlineData("SUBP0801", 1, "--latency", "1ms", "--tolerance", "0.1")]
    [InlineData("SUBP0801", 1, "--peak", "100")]
    public void Times_that_cannot_be_kept_or_have_no_effect_are_refused(string id, int code, params string[] options) =>
        CommandLine.Run(["quantize", WriteWideNetwork(), "-o", _folder["x.subp"], .. options]).Answers(code, id);

    [ProofFact]
    public void Weights_of_few_bits_are_predicted_to_be_faster_than_those_of_8()
    {
        string[] round = ["--sparsity", "0", "--bits", "3", "--compensate", "none", "--restore", "none", "--keep-batch-norm"];
        CommandLine.Run(["compress", WriteWideNetwork(), .. round, "-o", _folder["few.subp"]]).Succeeds();
        double Predicted(string source) =>
            CommandLine
                .Run("quantize", source, "--fastest", "--machine", "zen5", "-o", _folder["fast.subp"], "--force", "--json")
                .Succeeds()
                .Json()
                .GetProperty("speed")
                .GetProperty("bytes")
                .GetDouble();
        Assert.True(Predicted(_folder["few.subp"]) < Predicted(_folder["wide.subp"]));
    }

    [Fact]
    public void A_network_that_is_faster_on_floats_as_a_whole_is_not_quantised()
    {
        var answer = CommandLine.Run("quantize", WriteNetwork(), "--fastest", "--machine", "zen4", "-o", _folder["x.subp"]);
        Assert.Contains("faster on floats", answer.Answers(2, "SUBP0598").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Strict_networks_have_no_layer_on_floats()
    {
        CommandLine.Run("quantize", WriteNetwork(), "--strict-int8", "-o", _folder["strict.subp"]).Succeeds();
        CommandLine.Run("compile", _folder["strict.subp"], "--strict-int8", "--dry-run").Succeeds();
        Assert.Contains(
            "as asked for",
            CommandLine
                .Run("quantize", WriteNetwork(), "--float", "body", "--strict-int8", "-o", _folder["x.subp"])
                .Answers(2, "SUBP0599")
                .Error,
            StringComparison.Ordinal
        );
        CommandLine.Run("quantize", WriteNetwork(), "--float", "body", "-o", _folder["mixed.subp"]).Succeeds();
        CommandLine.Run("compile", _folder["mixed.subp"], "--strict-int8", "--dry-run").Answers(2, "SUBP0599");
    }

    [Fact]
    public void Inspecting_a_mixed_network_says_what_each_layer_computes_on()
    {
        CommandLine.Run("quantize", WriteNetwork(), "--float", "body", "-o", _folder["mixed.subp"]).Succeeds();
        var layers = CommandLine
            .Run("inspect", _folder["mixed.subp"], "--peak", "100", "--json")
            .Succeeds()
            .Json()
            .GetProperty("layers")
            .EnumerateArray()
            .ToDictionary(layer => layer.GetProperty("name").GetString()!);
        Assert.Equal("int8", layers["stem"].GetProperty("arithmetic").GetString());
        Assert.Equal("f32", layers["body"].GetProperty("arithmetic").GetString());
        Assert.Equal("int8 to f32", layers["classifier"].GetProperty("arithmetic").GetString());
        Assert.Contains("weights are floats", layers["body"].GetProperty("floatReason").GetString(), StringComparison.Ordinal);
        // The bytes that both the layer of floats and the residual addition read become floats once, in the blocks that the layer reads.
        Assert.Single(layers.Values, layer => Kernel(layer).StartsWith("u8_dequantize_blocks", StringComparison.Ordinal));
        CommandLine.Run("compile", _folder["mixed.subp"], "-o", _folder["mixed.dll"]).Succeeds();
        CommandLine.Run("verify", _folder["mixed.dll"], "--reference", _folder["mixed.subp"], "--random", "2").Succeeds();

        static string Kernel(System.Text.Json.JsonElement layer) => layer.GetProperty("kernel").GetString()!;
    }

    private static string[] FloatReasons(System.Text.Json.JsonElement json) =>
        [.. json.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("floatReason").GetString()).OfType<string>()];

    private string WriteWideNetwork()
    {
        var builder = new GraphBuilder("wide")
        {
            Metadata = new ModelMetadata { NormalizationMean = [0.5f, 0.5f, 0.5f], NormalizationDeviation = [0.25f, 0.25f, 0.25f] },
        };
        var value = builder.Input("image", new TensorShape(1, 3, 16, 16));
        foreach (var (name, channels, size) in new[] { ("stem", 32, 3), ("wide1", 512, 1), ("wide2", 512, 1) })
            value = builder.Node(
                name + ".relu",
                Activate.Relu,
                builder.BatchNorm(name + ".norm", builder.Conv2d(name, value, channels, Window.Square(size, 1, size / 2)))
            );
        var flat = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classifier", flat, 5));
        var bundle = ModelBundle.Write(RandomWeights.For(builder.Build(), 1));
        File.WriteAllText(_folder["wide.subp"], bundle.SubpText);
        File.WriteAllBytes(_folder["wide.safetensors"], bundle.Safetensors);
        return _folder["wide.subp"];
    }

    private string WriteInputs(int count, bool constant = false)
    {
        var path = _folder[$"inputs{count}{constant}.bin"];
        var random = new Random(3);
        using var writer = new BinaryWriter(File.Create(path));
        for (var index = 0; index < count * 3 * 8 * 8; index++)
            writer.Write(constant ? 0.5f : (float)((random.NextDouble() * 4) - 2));
        return path;
    }

    private string WriteNetwork(bool normalized = true, bool isDead = false)
    {
        var builder = new GraphBuilder("network");
        if (normalized)
            builder.Metadata = new ModelMetadata { NormalizationMean = [0.5f, 0.5f, 0.5f], NormalizationDeviation = [0.25f, 0.25f, 0.25f] };
        var image = builder.Input("image", new TensorShape(1, 3, 8, 8));
        var stem = builder.Node(
            "stem.relu",
            Activate.Relu,
            builder.BatchNorm("stem.norm", builder.Conv2d("stem", image, 32, Window.Square(3, 1, 1)))
        );
        var body = builder.BatchNorm("body.norm", builder.Conv2d("body", stem, 32, Window.Square(3, 1, 1)));
        var sum = builder.Node("relu", Activate.Relu, builder.Node("sum", new Add(), body, stem));
        var flat = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), sum));
        builder.Output(builder.Linear("classifier", flat, 5));
        var model = RandomWeights.For(builder.Build(), 1);
        if (isDead)
        {
            Array.Fill(model.Weights["stem.norm.scale"].Values, 0);
            Array.Fill(model.Weights["stem.norm.shift"].Values, -1);
        }

        var stemName = $"network{normalized}{isDead}";
        var bundle = ModelBundle.Write(model);
        File.WriteAllText(_folder[stemName + ".subp"], bundle.SubpText);
        File.WriteAllBytes(_folder[stemName + ".safetensors"], bundle.Safetensors);
        return _folder[stemName + ".subp"];
    }
}

using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Onnx.Tests;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>Options that would change nothing are refused, and so are models that cannot be compared.</summary>
public sealed class UnusedOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--why", "conv")]
    [InlineData("--measure")]
    [InlineData("--schedule", "2")]
    [InlineData("--peak", "50")]
    [InlineData("--weights", "x.safetensors")]
    [InlineData("--isa", "avx2")]
    [InlineData("--threads", "1")]
    [InlineData("--batch", "2")]
    [InlineData("--machine", "zen5")]
    public void Inspect_refuses_what_compiled_code_cannot_answer(params string[] options)
    {
        var answer = CommandLine.Run(["inspect", Compile("tiny"), .. options]).Answers(1, "SUBP0801");
        Assert.StartsWith(options[0], answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shrink", "--images", "5")]
    [InlineData("compress", "--data-dir", "data")]
    [InlineData("quantize", "--images", "0")]
    public void Test_images_are_chosen_for_an_accuracy_only(string command, params string[] option)
    {
        var answer = CommandLine.Run([command, TinyClassifier.Write(_folder), .. option, "-o", _folder["x.subp"]]).Answers(1, "SUBP0801");
        Assert.Contains($"{option[0]}: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("no --eval", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("shrink")]
    public void Answers_are_learned_on_inputs_only(string command)
    {
        var network = TinyClassifier.Write(_folder);
        var answer = CommandLine.Run(command, network, "--distill", "20", "-o", _folder["x.subp"]).Answers(1, "SUBP0801");
        Assert.Contains("no --calibration", answer.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["x.subp"]));
    }

    [Theory]
    [InlineData("--restore", "moments")]
    [InlineData("--distill", "20")]
    public void What_stays_is_not_restored(params string[] option)
    {
        string[] line = ["compress", TinyClassifier.Write(_folder), "--sparsity", "0", "--bits", "6", "--calibration", "synthetic"];
        var answer = CommandLine.Run([.. line, .. option, "-o", _folder["x.subp"]]).Answers(1, "SUBP0801");
        Assert.Contains($"{option[0]}: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("no blocks or channels that go", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--measure")]
    [InlineData("--measure", "--rounds", "2")]
    [InlineData("--schedule", "2")]
    [InlineData("--schedule", "2", "--measured")]
    [InlineData("--peak", "50")]
    public void Inspect_refuses_measurements_beside_the_reason_of_a_layer(params string[] options)
    {
        var answer = CommandLine.Run(["inspect", TinyClassifier.Write(_folder), "--why", "conv", .. options]).Answers(1, "SUBP0801");
        Assert.Contains("--why conv", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--batch", "2")]
    [InlineData("--dim", "height=8")]
    public void Verify_refuses_shapes_for_compiled_code_and_a_bundle(params string[] options)
    {
        var assembly = Compile("tiny");
        foreach (var reference in new string[][] { [], ["--reference", TinyClassifier.Write(_folder, "bundle")] })
        {
            var answer = CommandLine.Run(["verify", assembly, "--random", "1", .. reference, .. options]).Answers(1, "SUBP0801");
            Assert.Contains("which is no ONNX file", answer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Verify_fills_in_what_the_ONNX_file_of_compiled_code_leaves_open()
    {
        File.WriteAllBytes(_folder["open.onnx"], OpenBatch());
        CommandLine.Run("compile", _folder["open.onnx"], "--batch", "3", "-o", _folder["open.dll"]).Succeeds();
        string[] line = ["verify", _folder["open.dll"], "--reference", _folder["open.onnx"], "--random", "1"];
        CommandLine.Run(line).Answers(4, "SUBP0703");
        CommandLine.Run([.. line, "--batch", "3"]).Succeeds();
    }

    // x[batch,4], of which the batch is open.
    private static byte[] OpenBatch()
    {
        var file = OnnxFile.Create([1, 4]).Node("Relu", "x", "y");
        file.Graph.Input[0].Type.TensorType.Shape.Dim[0] = new() { DimParam = "batch" };
        return file.ToBytes();
    }

    [Fact]
    public void Inspect_refuses_rounds_of_nothing() =>
        CommandLine.Run("inspect", TinyClassifier.Write(_folder), "--rounds", "5").Answers(1, "SUBP0801");

    [Theory]
    [InlineData("compile", "--dry-run")]
    [InlineData("inspect")]
    [InlineData("bench")]
    [InlineData("tune")]
    [InlineData("compress", "--sparsity", "0.5")]
    [InlineData("quantize", "--input-range=-1,1")]
    public void Shapes_are_given_for_what_leaves_them_open_only(params string[] command)
    {
        var bundle = TinyClassifier.Write(_folder, "model");
        var sources = new[] { bundle, Path.GetDirectoryName(bundle)! };
        string[][] options =
        [
            ["--batch", "1"],
            ["--dim", "height=8"],
        ];
        foreach (var (source, option) in sources.SelectMany(source => options.Select(option => (source, option))))
        {
            var answer = CommandLine.Run([command[0], source, .. command[1..], .. option, .. Output(command[0])]).Answers(1, "SUBP0801");
            Assert.Contains(option[0] + ": ", answer.Error, StringComparison.Ordinal);
            Assert.Contains("which is no ONNX file", answer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Shapes_are_given_for_an_onnx_file()
    {
        File.WriteAllBytes(_folder["model.onnx"], OnnxExporter.Export(TinyClassifier.Build()));
        CommandLine.Run("compile", _folder["model.onnx"], "--dry-run", "--batch", "2").Succeeds();
    }

    [Theory]
    [InlineData("--block-length", "5")]
    [InlineData("--sparsity", "0.5")]
    public void Bench_takes_the_pattern_of_a_layer_for_a_layer_only(params string[] option)
    {
        var answer = CommandLine.Run(["bench", TinyClassifier.Write(_folder), .. option]).Answers(1, "SUBP0801");
        Assert.Contains($"{option[0]} without --layer", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bench_judges_compiled_code_beside_other_code_only()
    {
        var answer = CommandLine.Run("bench", Compile("tiny"), "--fail-under", "1.5").Answers(1, "SUBP0801");
        Assert.Contains("in --against", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bench_compares_models_of_the_same_inputs_only()
    {
        var model = Compile("tiny");
        var builder = new GraphBuilder("other");
        var input = builder.Input("image", new TensorShape(1, 4));
        builder.Output(builder.Node("relu", Activate.Relu, input));
        var bundle = ModelBundle.Write(new Model(builder.Build(), new WeightSet()));
        File.WriteAllText(_folder["other.subp"], bundle.SubpText);
        File.WriteAllBytes(_folder["other.safetensors"], bundle.Safetensors);
        CommandLine.Run("compile", _folder["other.subp"], "-o", _folder["other.dll"], "--threads", "1").Succeeds();
        var answer = CommandLine.Run("bench", model, "--against", _folder["other.dll"]).Answers(2, "SUBP0203");
        Assert.Contains("found inputs of [1,4], expected [1,16,6,5]", answer.Error, StringComparison.Ordinal);
    }

    private string[] Output(string command) => command is "inspect" or "bench" ? [] : ["-o", _folder["out.subp"]];

    private string Compile(string name)
    {
        CommandLine.Run("compile", TinyClassifier.Write(_folder, name), "-o", _folder[name + ".dll"], "--threads", "1").Succeeds();
        return _folder[name + ".dll"];
    }
}

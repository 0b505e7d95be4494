using System.Buffers.Binary;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Onnx;
using Subp.Onnx.Tests;
using Subp.Testing;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>
/// A small network that reads lines of text, as PyTorch exports it: convolutions and pools, columns as steps, two bidirectional layers, and
/// a class for each step.
/// </summary>
[Trait("speed", "slow")]
public sealed class TextRecognitionTests : IDisposable
{
    private const int Height = 16,
        Width = 40,
        Channels = 24,
        Hidden = 20,
        Classes = 11;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Compiled_code_agrees_with_the_interpreter_and_ONNX_Runtime(int batch)
    {
        var path = Write(batch);
        var answer = CommandLine.Run("verify", path, "--random", "2", "--threads", "1,2", "--onnxruntime-lib", OnnxRuntimePackage.Library);
        Assert.Contains("ONNX Runtime", answer.Succeeds().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recurrent_layers_read_what_the_products_before_them_wrote_and_nothing_moves_between()
    {
        var model = OnnxImporter.Import(File.ReadAllBytes(Write(2)), "text.onnx");
        var nodes = model.Graph.Nodes.SkipWhile(node => node.Operator is not Linear).Select(node => node.Operator.Mnemonic);
        string[] layer = ["linear", "lstm", "linear", "lstm", "concat"];
        Assert.Equal([.. layer, .. layer, "linear"], nodes);
        var written = OnnxExporter.Export(model);
        var input = Enumerable.Range(0, 2 * Height * Width).Select(index => (float)Math.Cos(index * 0.37)).ToArray();
        var expected = new float[Width / 4 * 2 * Classes];
        new ReferenceInterpreter(model).Run(input, expected);
        using var session = OnnxRuntimeSession.OfBytes(OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library), "text", written, 1);
        Assert.Equal(expected, session.Run(input, [2, 1, Height, Width])[0], (left, right) => Math.Abs(left - right) <= 1e-4f);
    }

    [Fact]
    public void Layers_of_bytes_leave_the_recurrence_float()
    {
        CommandLine.Run("quantize", Write(1), "--calibration", WriteInputs(), "-o", _folder["bytes.subp"]).Succeeds();
        var text = File.ReadAllText(_folder["bytes.subp"]);
        Assert.Contains("lstm", text, StringComparison.Ordinal);
        Assert.Contains("quantize", text, StringComparison.Ordinal);
        CommandLine.Run("verify", _folder["bytes.subp"], "--random", "1").Succeeds();
    }

    [Fact]
    public void No_channel_goes_that_the_recurrence_reads()
    {
        CommandLine
            .Run("shrink", Write(1), "--ratio", "0.4", "--multiple", "1", "--calibration", WriteInputs(), "-o", _folder["small.subp"])
            .Succeeds();
        CommandLine.Run("verify", _folder["small.subp"], "--random", "1").Succeeds();
        var text = File.ReadAllText(_folder["small.subp"]);
        // Channels between the convolutions went, the features of the steps stayed.
        Assert.DoesNotContain($"[1,8,{Height},{Width}]", text, StringComparison.Ordinal);
        Assert.Contains($"[1,{Channels},1,{Width / 4}]", text, StringComparison.Ordinal);
        Assert.Contains($"[{Width / 4},1,{4 * Hidden}]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("compress", "--sparsity", "0.5", "--block-length", "4")]
    [InlineData("compress", "--sparsity", "0", "--bits", "6")]
    public void A_compressed_network_still_reads_text(params string[] options)
    {
        string[] command = [options[0], Write(1), .. options.Skip(1), "--calibration", WriteInputs(), "-o", _folder["less.subp"]];
        CommandLine.Run(command).Succeeds();
        CommandLine.Run("verify", _folder["less.subp"], "--random", "1").Succeeds();
        Assert.Contains("lstm", File.ReadAllText(_folder["less.subp"]), StringComparison.Ordinal);
    }

    private string WriteInputs()
    {
        const int Lines = 16;
        var random = new Random(5);
        var bytes = new byte[Lines * Height * Width * sizeof(float)];
        for (var index = 0; index < bytes.Length; index += sizeof(float))
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index), (float)((random.NextDouble() * 4) - 2));
        File.WriteAllBytes(_folder["lines.bin"], bytes);
        return _folder["lines.bin"];
    }

    private string Write(int batch)
    {
        var file = OnnxFile.Create([batch, 1, Height, Width], opset: 14);
        Convolution(file, "x", "conv1", 1, 8);
        file.Node("MaxPool", "conv1", "pool1", OnnxFile.List("kernel_shape", 2, 2), OnnxFile.List("strides", 2, 2));
        Convolution(file, "pool1", "conv2", 8, Channels);
        file.Node("MaxPool", "conv2", "pool2", OnnxFile.List("kernel_shape", 2, 2), OnnxFile.List("strides", 2, 2));
        // All rows of a column become one: its channels are the features of a step.
        Scaled(file, "rows.w", Channels, Channels, Height / 4, 1).Node("Conv", "pool2 rows.w", "rows").Integers("axis", 2);
        file.Node("Squeeze", "rows axis", "flat").Node("Transpose", "flat", "steps0", OnnxFile.List("perm", 2, 0, 1));
        file.Integers("joined", 0, 0, -1);
        for (var layer = 0; layer < 2; layer++)
        {
            Scaled(file, $"w{layer}", 2, 4 * Hidden, layer == 0 ? Channels : 2 * Hidden);
            Scaled(file, $"r{layer}", 2, 4 * Hidden, Hidden);
            Scaled(file, $"b{layer}", 2, 8 * Hidden).Constant($"zero{layer}", [2, batch, Hidden], new float[2 * batch * Hidden]);
            file.Node(
                "LSTM",
                $"steps{layer} w{layer} r{layer} b{layer} - zero{layer} zero{layer}",
                $"all{layer} last{layer} cells{layer}",
                OnnxFile.Integer("hidden_size", Hidden),
                OnnxFile.Text("direction", "bidirectional")
            );
            file.Node("Transpose", $"all{layer}", $"turned{layer}", OnnxFile.List("perm", 0, 2, 1, 3));
            file.Node("Reshape", $"turned{layer} joined", $"steps{layer + 1}");
        }

        Scaled(file, "classes", 2 * Hidden, Classes).Node("MatMul", "steps2 classes", "y");
        file.Graph.Output[0] = OnnxFile.Value("y");
        file.Graph.Output[0].Type.TensorType.Shape = null;
        File.WriteAllBytes(_folder["text.onnx"], file.ToBytes());
        return _folder["text.onnx"];
    }

    private static void Convolution(OnnxFile file, string input, string output, int inputs, int outputs)
    {
        Scaled(file, $"{output}.w", outputs, inputs, 3, 3);
        Scaled(file, $"{output}.b", outputs);
        file.Node("Conv", $"{input} {output}.w {output}.b", $"{output}.sum", OnnxFile.List("pads", 1, 1, 1, 1));
        file.Node("Relu", $"{output}.sum", output);
    }

    // Weights as large as trained ones: their squares add up to about one for each output.
    private static OnnxFile Scaled(OnnxFile file, string name, params int[] shape)
    {
        var count = shape.Aggregate(1, (product, extent) => product * extent);
        var perOutput = Math.Max(4, count / Math.Max(shape[0], shape.Length == 3 ? shape[0] * shape[1] : 1));
        var random = new Random(count + name.Length);
        var size = Math.Sqrt(3.0 / perOutput);
        return file.Constant(name, shape, [.. Enumerable.Range(0, count).Select(_ => (float)(((random.NextDouble() * 2) - 1) * size))]);
    }
}

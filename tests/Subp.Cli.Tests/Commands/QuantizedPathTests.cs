using System.Text.Json;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>Networks of bytes through every command that takes a network.</summary>
public sealed class QuantizedPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, "8")]
    [InlineData(true, "7")]
    public void A_pruned_network_is_quantised_compiled_verified_run_and_timed(bool isMobile, string bits)
    {
        var pruned = Prune(isMobile);
        CommandLine.Run("quantize", pruned, "--weight-bits", bits, "-o", _folder["bytes.subp"]).Succeeds();

        Assert.Contains("u8_conv", CommandLine.Run("inspect", _folder["bytes.subp"]).Succeeds().Out, StringComparison.Ordinal);
        CommandLine.Run("compile", _folder["bytes.subp"], "-o", _folder["Bytes.dll"], "--threads", "1,2").Succeeds();
        VerifyExactly(_folder["Bytes.dll"], "-r", _folder["bytes.subp"]);
        var answer = CommandLine.Run("run", _folder["Bytes.dll"], "--input", WriteInput(), "--json").Succeeds().Json();
        Assert.Equal(JsonValueKind.Object, answer.ValueKind);
        CommandLine.Run("bench", _folder["bytes.subp"], "--rounds", "1", "--threads", "1", "--fail-under", "0").Succeeds();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_exported_network_of_bytes_is_read_compiled_and_verified(bool isMobile)
    {
        CommandLine.Run("quantize", Prune(isMobile), "-o", _folder["bytes.subp"]).Succeeds();
        CommandLine.Run("export", _folder["bytes.subp"], "-o", _folder["bytes.onnx"]).Succeeds();
        CommandLine.Run("import", _folder["bytes.onnx"], "-o", _folder["again.subp"]).Succeeds();
        CommandLine.Run("compile", _folder["again.subp"], "-o", _folder["Again.dll"], "--threads", "1,2").Succeeds();
        VerifyExactly(_folder["Again.dll"], "-r", _folder["again.subp"]);
    }

    // Bytes have no rounding error of their own; what is left is that of the float scores at the end.
    private static void VerifyExactly(params string[] arguments)
    {
        var answer = CommandLine.Run(["verify", .. arguments, "--random", "4", "--threads", "1,2", "--tolerance", "1e-6", "--json"]);
        Assert.True(answer.Succeeds().Json().GetProperty("passed").GetBoolean());
    }

    private string WriteInput()
    {
        using var writer = new BinaryWriter(File.Create(_folder["input.bin"]));
        for (var index = 0; index < 3 * 10 * 10; index++)
            writer.Write((float)Math.Sin(index));
        return _folder["input.bin"];
    }

    private string Prune(bool isMobile)
    {
        var bundle = ModelBundle.Write(RandomWeights.For(isMobile ? Mobile() : Residual(), 1));
        File.WriteAllText(_folder["float.subp"], bundle.SubpText);
        File.WriteAllBytes(_folder["float.safetensors"], bundle.Safetensors);
        CommandLine
            .Run("compress", _folder["float.subp"], "--sparsity", "0.5", "--keep-batch-norm", "-o", _folder["pruned.subp"])
            .Succeeds();
        return _folder["pruned.subp"];
    }

    // A stem, a basic block with stride and a shortcut of one tap, as in ResNet.
    private static Graph Residual()
    {
        var (builder, stem) = Start("residual");
        var first = Layer(builder, "first", stem, 32, Window.Square(3, 2, 1), Activate.Relu);
        var second = Layer(builder, "second", first, 32, Window.Square(3, 1, 1), null);
        var shortcut = Layer(builder, "shortcut", stem, 32, Window.Square(1, 2, 0), null);
        return Finish(builder, builder.Node("relu", Activate.Relu, builder.Node("sum", new Add(), second, shortcut)));
    }

    // A stem and an inverted residual block, as in MobileNetV2.
    private static Graph Mobile()
    {
        var (builder, stem) = Start("mobile");
        var wide = Layer(builder, "expand", stem, 64, Window.Square(1, 1, 0), Activate.Relu6);
        var depthwise = builder.Conv2d("depthwise", wide, 64, Window.Square(3, 1, 1), groups: 64);
        var lane = builder.Node("depthwise.relu", Activate.Relu6, builder.BatchNorm("depthwise.norm", depthwise));
        var narrow = Layer(builder, "project", lane, 32, Window.Square(1, 1, 0), null);
        return Finish(builder, builder.Node("sum", new Add(), narrow, stem));
    }

    private static (GraphBuilder Builder, string Stem) Start(string name)
    {
        var builder = new GraphBuilder(name)
        {
            Metadata = new ModelMetadata { NormalizationMean = [0.5f, 0.5f, 0.5f], NormalizationDeviation = [0.25f, 0.25f, 0.25f] },
        };
        var image = builder.Input("image", new TensorShape(1, 3, 10, 10));
        return (builder, Layer(builder, "stem", image, 32, Window.Square(3, 1, 1), Activate.Relu));
    }

    private static string Layer(GraphBuilder builder, string name, string input, int outputs, Window window, Operator? activation)
    {
        var value = builder.BatchNorm(name + ".norm", builder.Conv2d(name, input, outputs, window));
        return activation is null ? value : builder.Node(name + ".relu", activation, value);
    }

    private static Graph Finish(GraphBuilder builder, string value)
    {
        var flat = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classifier", flat, 5));
        return builder.Build();
    }
}

using Subp.Cli.Terminal;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Onnx.Tests;
using Subp.Testing;
using Subp.Tooling.Inputs;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Verification;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>A file of bytes is run itself, beside what was read of it.</summary>
[Trait("speed", "slow")]
public sealed class ImportComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Verify_runs_the_given_file_of_bytes()
    {
        var path = Write();
        var answer = CommandLine.Run("verify", path, "--random", "2", "--json", "--onnxruntime-lib", OnnxRuntimePackage.Library);
        var import = answer.Succeeds().Json().GetProperty("import");
        Assert.InRange(import.GetProperty("error").GetDouble(), 0, import.GetProperty("allowed").GetDouble());
        var tables = CommandLine.Run("verify", path, "--random", "2", "--onnxruntime-lib", OnnxRuntimePackage.Library).Succeeds().Out;
        Assert.Contains("The file itself and the network as it was read and exported", tables, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_bytes_that_is_not_that_of_the_file_is_a_failure()
    {
        var path = Write();
        var model = OnnxImporter.Import(File.ReadAllBytes(path), path);
        Assert.Null(Compare(path, model).Failure(path));
        // As if the importer had read the padding as one of zeros.
        var wrong = model with
        {
            Graph = model.Graph.With(
                nodes:
                [
                    .. model.Graph.Nodes.Select(node => node.Operator is Pad pad ? node with { Operator = pad with { Value = 0 } } : node),
                ]
            ),
        };
        var failure = Compare(path, wrong).Failure(path);
        Assert.Equal("SUBP0702", failure!.Descriptor.Id);
        Assert.Contains("from the file itself", failure.Found, StringComparison.Ordinal);
    }

    private ImportVerdict Compare(string path, Model model) =>
        new ImportComparison(Silent(), OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library), 1e-4).Run(
            path,
            model,
            InputSet.OfRandom(model.Graph.Inputs[0].Shape, 2, seed: 1)
        );

    private static CommandContext Silent() =>
        new(
            new TerminalStreams(TextWriter.Null, TextWriter.Null, ErrorIsLive: false),
            Verbosity.Normal,
            json: false,
            CancellationToken.None
        );

    // Bytes around which bytes 0 are put, which are not the number 0, and a layer.
    private string Write()
    {
        var file = OnnxFile.Create([1, 4, 6, 5]).Constant("s", [], 0.03f).Bytes("z", DataType.Uint8, [], 120);
        file.Node("QuantizeLinear", "x s z", "q").Integers("pads", 0, 0, 1, 1, 0, 0, 1, 1).Node("Pad", "q pads", "p");
        file.Bytes("w", DataType.Int8, [6, 4, 3, 3], [.. Enumerable.Range(0, 216).Select(index => (index * 37 % 127) - 63)]);
        file.Constant("ws", [], 0.004f).Node("DequantizeLinear", "w ws", "wr").Node("DequantizeLinear", "p s z", "r");
        file.Constant("ys", [], 0.06f).Node("Conv", "r wr", "conv").Node("QuantizeLinear", "conv ys z", "yq");
        file.Node("DequantizeLinear", "yq ys z", "y").Graph.Output[0] = OnnxFile.Value("y");
        file.Graph.Output[0].Type.TensorType.Shape = null;
        File.WriteAllBytes(_folder["bytes.onnx"], file.ToBytes());
        return _folder["bytes.onnx"];
    }
}

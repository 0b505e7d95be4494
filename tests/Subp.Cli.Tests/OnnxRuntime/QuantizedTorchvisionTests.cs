using System.Globalization;
using Subp.Testing;
using Subp.Tooling.Benchmarking;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>
/// Networks of torchvision in bytes, scaled down, of every family where all are asked for:
/// compiled code makes the bytes of the reference interpreter exactly, and ONNX Runtime
/// makes the same of the exported file within one step. One instruction set is enough here, since all make the same bytes, which the
/// conformance of integer kernels holds. docs/quantization.md has the command for the networks of full size.
/// </summary>
[Trait("speed", "slow")]
public sealed class QuantizedTorchvisionTests
{
    internal static string Folder => Path.Combine(RepositoryRoot.Path, "tests", "Subp.Onnx.Tests", "Data", "torchvision");

    public static TheoryData<string> Networks => NetworksFrom(first: 0);

    /// <summary>All of them, or some of them where not all are asked for.</summary>
    internal static TheoryData<string> NetworksFrom(int first) =>
        [
            .. Directory
                .EnumerateFiles(Folder, "*.onnx")
                .Select(path => Path.GetFileNameWithoutExtension(path))
                .Order(StringComparer.Ordinal)
                .Sample(8, first),
        ];

    [Fact]
    public void Bits_of_weights_without_bytes_are_refused() =>
        CommandLine.Run("verify", Folder, "--weight-bits", "7").Answers(1, "SUBP0801");

    [Theory]
    [MemberData(nameof(Networks))]
    public void ONNX_Runtime_makes_the_same_bytes_within_one_step(string network)
    {
        var answer = CommandLine
            .Run(
                "verify",
                Path.Combine(Folder, network + ".onnx"),
                "--quantize",
                "--weight-bits",
                ByteProducts.WeightBits.ToString(CultureInfo.InvariantCulture),
                "--onnxruntime-lib",
                OnnxRuntimePackage.Library,
                "--random",
                "2",
                "--threads",
                "2",
                "--isa",
                HostProcessor.InstructionSets[0].ToString().ToLowerInvariant(),
                "--tolerance",
                "1e-6",
                "--json"
            )
            .Succeeds()
            .Json();
        Assert.True(answer.GetProperty("passed").GetBoolean());
        var steps = answer.GetProperty("steps");
        Assert.InRange(steps.GetProperty("mostApart").GetInt32(), 0, 1);
        Assert.InRange(steps.GetProperty("differingApart").GetDouble(), 0, 0.001);
        Assert.True(steps.GetProperty("apart").GetArrayLength() > 10);
        Assert.Contains(steps.GetProperty("apart").EnumerateArray(), layer => layer.GetProperty("operator").GetString() == "conv2d");
    }
}

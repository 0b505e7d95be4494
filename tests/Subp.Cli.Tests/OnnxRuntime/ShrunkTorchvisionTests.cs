using Subp.Tooling.Benchmarking;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>
/// Networks of torchvision, of every family where all are asked for, without 30 % of the channels of every group,
/// scaled down: compiled code agrees with the
/// reference interpreter, and ONNX Runtime with both on the exported network. docs/compression.md has the networks of full size.
/// </summary>
[Trait("speed", "slow")]
public sealed class ShrunkTorchvisionTests
{
    public static TheoryData<string> Networks => QuantizedTorchvisionTests.NetworksFrom(first: 4);

    [Theory]
    [MemberData(nameof(Networks))]
    public void ONNX_Runtime_agrees_with_what_is_left(string network)
    {
        var answer = CommandLine
            .Run(
                "verify",
                Path.Combine(QuantizedTorchvisionTests.Folder, network + ".onnx"),
                "--shrink",
                "0.3",
                "--onnxruntime-lib",
                OnnxRuntimePackage.Library,
                "--random",
                "1",
                "--threads",
                "1",
                "--isa",
                HostProcessor.InstructionSets[0].ToString().ToLowerInvariant(),
                "--json"
            )
            .Succeeds()
            .Json();
        Assert.True(answer.GetProperty("passed").GetBoolean());
    }
}

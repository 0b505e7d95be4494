using System.Runtime.InteropServices;
using Subp.Core.Text;
using Xunit;

namespace Subp.Onnx.Tests.Import;

/// <summary>Scaled-down networks of torchvision compute what PyTorch computed; eng/export-torchvision.py makes them.</summary>
public class TorchvisionTests
{
    private const float Tolerance = 1e-5f;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Data", "torchvision");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.onnx").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_network_of_torchvision_agrees_with_PyTorch(string name)
    {
        var model = OnnxImporter.ImportFile(Path.Combine(Folder, $"{name}.onnx"));
        var (input, expected) = Recorded(name, model.Graph.Inputs[0].Shape.ElementCount);
        AssertClose(expected, Networks.Run(model, input));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_network_of_torchvision_survives_export(string name)
    {
        var model = OnnxImporter.ImportFile(Path.Combine(Folder, $"{name}.onnx"));
        var back = OnnxImporter.Import(OnnxExporter.Export(model), "back.onnx");
        Assert.Equal(SubpPrinter.Print(model.Graph), SubpPrinter.Print(back.Graph));
        foreach (var parameter in model.Graph.Parameters)
            Assert.Equal(model.Weights[parameter.Name].Values, back.Weights[parameter.Name].Values);
    }

    [Fact]
    public void Every_family_is_there() => Assert.Equal(15, Directory.GetFiles(Folder, "*.onnx").Length);

    [Theory]
    [InlineData("mobilenet_v3_small", "hard_swish", 19)]
    [InlineData("mobilenet_v3_opset12", "hard_swish", 19)]
    [InlineData("mobilenet_v3_relu6", "hard_swish", 19)]
    [InlineData("efficientnet_b0", "silu", 49)]
    [InlineData("shufflenet_v2", "channel_shuffle", 6)]
    [InlineData("googlenet", "slice", 3)]
    public void Patterns_of_several_nodes_become_one_operator(string name, string mnemonic, int count) =>
        Assert.Equal(
            count,
            OnnxImporter.ImportFile(Path.Combine(Folder, $"{name}.onnx")).Graph.Nodes.Count(node => node.Operator.Mnemonic == mnemonic)
        );

    private static (float[] Input, float[] Expected) Recorded(string name, int inputs)
    {
        var values = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(Folder, $"{name}.expected"))).ToArray();
        return (values[..inputs], values[inputs..]);
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Max(Math.Abs);
        for (var index = 0; index < expected.Length; index++)
            Assert.True(
                Math.Abs(expected[index] - actual[index]) <= Tolerance * largest,
                $"{index}: {expected[index]} and {actual[index]}, largest {largest}"
            );
    }
}

using Subp.Onnx.Tests;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>How the range of an input is asked for.</summary>
public sealed class InputRangeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_range_of_an_input_of_lines_is_asked_for_by_its_name()
    {
        var file = OnnxFile.Create([1, 4, 32]).Weight("w", 16, 4, 3).Weight("n", 16).Weight("v", 16).Weight("u", 16, 16, 3);
        file.Node("Conv", "x w", "c").Node("BatchNormalization", "c n n n v", "m").Node("Relu", "m", "r").Node("Conv", "r u", "y");
        File.WriteAllBytes(_folder["lines.onnx"], file.ToBytes());
        var error = CommandLine.Run("quantize", _folder["lines.onnx"], "-o", _folder["x.subp"]).Answers(2, "SUBP0595").Error;
        Assert.Contains("value 'x'", error, StringComparison.Ordinal);
        Assert.Contains("--input-range", error, StringComparison.Ordinal);
        CommandLine.Run("quantize", _folder["lines.onnx"], "-o", _folder["x.subp"], "--input-range", "-2,2").Succeeds();
    }
}

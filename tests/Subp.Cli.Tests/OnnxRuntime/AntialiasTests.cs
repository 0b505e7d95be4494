using Subp.Core.Interpretation;
using Subp.Onnx.Protos;
using Subp.Onnx.Tests;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>
/// Resizes whose filter is as wide as what an output pixel covers: the edge is repeated beyond it, or nothing is there where the file says
/// so.
/// </summary>
[Trait("speed", "slow")]
public sealed class AntialiasTests
{
    [Theory]
    [InlineData("linear", 0, "half_pixel", 7, 5)]
    [InlineData("linear", 1, "half_pixel", 7, 5)]
    [InlineData("cubic", 0, "half_pixel", 7, 5)]
    [InlineData("cubic", 1, "half_pixel", 7, 5)]
    [InlineData("linear", 0, "align_corners", 6, 6)]
    [InlineData("cubic", 0, "pytorch_half_pixel", 5, 20)]
    public void They_agree(string mode, int excludesOutside, string coordinates, int height, int width)
    {
        var file = OnnxFile.Create([1, 2, 12, 12], opset: 18);
        file.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "sizes",
                DataType = (int)TensorProto.Types.DataType.Int64,
                Dims = { 4 },
                Int64Data = { 1, 2, height, width },
            }
        );
        file.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Resize",
                Input = { "x", "", "", "sizes" },
                Output = { "y" },
                Attribute =
                {
                    OnnxFile.Text("mode", mode),
                    OnnxFile.Text("coordinate_transformation_mode", coordinates),
                    OnnxFile.Integer("antialias", 1),
                    OnnxFile.Integer("exclude_outside", excludesOutside),
                },
            }
        );
        var input = Enumerable.Range(0, 288).Select(index => (float)Math.Sin(index * 1.3)).ToArray();
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "resize", file.ToBytes(), 1);
        var expected = session.Run(input, [1, 2, 12, 12])[0];
        var found = new float[expected.Length];
        new ReferenceInterpreter(file.Import()).Run(input, found);
        Assert.Equal(expected, found, (left, right) => Math.Abs(left - right) <= 1e-5f);
    }
}

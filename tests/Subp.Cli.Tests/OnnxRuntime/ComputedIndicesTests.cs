using Subp.Core.Interpretation;
using Subp.Onnx;
using Subp.Onnx.Tests;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>
/// What computed indices choose is what ONNX Runtime gives, negative ones included: from the file as it is read, and as it is written
/// again.
/// </summary>
public sealed class ComputedIndicesTests
{
    // A value of [6, 7, 8], and from its first elements indices from -6 to 5, which are within every axis.
    [Theory]
    [InlineData("Gather", "axis", 0, new long[] { 4 })]
    [InlineData("Gather", "axis", 1, new long[] { 2, 3 })]
    [InlineData("Gather", "axis", -1, new long[] { 5 })]
    [InlineData("Gather", "axis", 2, new long[] { })]
    [InlineData("GatherElements", "axis", 0, new long[] { 9, 7, 8 })]
    [InlineData("GatherElements", "axis", 1, new long[] { 6, 11, 8 })]
    [InlineData("GatherElements", "axis", 1, new long[] { 4, 2, 5 })]
    [InlineData("GatherElements", "axis", -1, new long[] { 6, 7, 3 })]
    [InlineData("GatherElements", "axis", 2, new long[] { 6, 1, 1 })]
    [InlineData("GatherND", "batch_dims", 0, new long[] { 5, 1 })]
    [InlineData("GatherND", "batch_dims", 0, new long[] { 2, 4, 2 })]
    [InlineData("GatherND", "batch_dims", 0, new long[] { 9, 3 })]
    [InlineData("GatherND", "batch_dims", 1, new long[] { 6, 3, 1 })]
    [InlineData("GatherND", "batch_dims", 1, new long[] { 6, 2 })]
    [InlineData("GatherND", "batch_dims", 2, new long[] { 6, 7, 1 })]
    public void Computed_indices_choose_what_they_choose_in_ONNX_Runtime(string name, string attribute, int number, long[] shape)
    {
        int[] extents = [6, 7, 8];
        var count = shape.Aggregate(1L, (product, extent) => product * extent);
        var file = OnnxFile
            .Create(extents)
            .Constant("least", [], -6)
            .Constant("most", [], 5.9f)
            .Integers("line", -1)
            .Integers("repeats", 2)
            .Integers("begin", 0)
            .Integers("end", count)
            .Integers("shape", shape)
            .Node("Clip", "x least most", "within")
            .Node("Reshape", "within line", "flat")
            .Node("Tile", "flat repeats", "twice")
            .Node("Slice", "twice begin end", "first")
            .Node("Reshape", "first shape", "numbers")
            .Node("Cast", "numbers", "indices", OnnxFile.Integer("to", 7))
            .Node(name, "x indices", "y", OnnxFile.Integer(attribute, number));
        file.Graph.Output[0] = OnnxFile.Value("y");
        file.Graph.Output[0].Type.TensorType.Shape = null;
        var random = new Random(number + shape.Length);
        float[] input = [.. Enumerable.Range(0, 6 * 7 * 8).Select(_ => (float)((random.NextDouble() * 16) - 8))];

        var model = file.Import();
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        float[] Expected(byte[] bytes)
        {
            using var session = OnnxRuntimeSession.OfBytes(library, name, bytes, 1);
            return session.Run(input, extents)[0];
        }

        var expected = Expected(file.ToBytes());
        var found = new float[expected.Length];
        new ReferenceInterpreter(model).Run(input, found);
        Assert.Equal(expected, found);
        Assert.Equal(expected, Expected(OnnxExporter.Export(model)));
        Assert.Contains(model.Graph.Nodes, node => node.Operator.Mnemonic.StartsWith("take", StringComparison.Ordinal));
    }
}

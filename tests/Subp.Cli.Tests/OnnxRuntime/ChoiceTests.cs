using Subp.Core.Diagnostics;
using Subp.Onnx.Tests;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>What chooses or turns elements by their place does it as ONNX Runtime does, read from a file and written again.</summary>
public sealed class ChoiceTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void Indices_become_rows_that_are_hot_in_one_place(int axis)
    {
        // Whole numbers from -8 to 8: some lie outside of the depth, and negative ones count from the end.
        var file = OnnxFile
            .Create([3, 7])
            .Node("Round", "x", "whole")
            .Node("Cast", "whole", "indices", OnnxFile.Integer("to", 7))
            .Integers("list", 5)
            .Integers("none")
            .Node("Reshape", "list none", "depth")
            .Constant("values", [2], -0.5f, 2)
            .Node("OneHot", "indices depth values", "y", OnnxFile.Integer("axis", axis));
        FileComparison.Run(file, [3, 7], 0);
    }

    [Theory]
    [InlineData(17, 0)]
    [InlineData(17, -1)]
    [InlineData(17, 1)]
    [InlineData(11, 1)]
    [InlineData(11, 2)]
    public void The_first_of_the_largest_values_is_1(int opset, int axis)
    {
        var file = OnnxFile.Create([3, 4, 5], opset).Constant("step", [], 0.25f).Node("Mul", "x step", "small");
        file.Node("Floor", "small", "few").Node("Hardmax", "few", "y", OnnxFile.Integer("axis", axis));
        FileComparison.Run(file, [3, 4, 5], 0);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    public void Infinities_are_found(int negative, int positive)
    {
        var file = OnnxFile.Create([8]);
        file.Node("IsInf", "x", "found", OnnxFile.Integer("detect_negative", negative), OnnxFile.Integer("detect_positive", positive));
        file.Node("Cast", "found", "y", OnnxFile.Integer("to", 1));
        float[] values = [0, 1, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -1, float.PositiveInfinity];
        FileComparison.Run(file, [8], values, 0);
    }

    [Fact]
    public void A_constant_condition_chooses_along_an_axis_or_of_all_elements()
    {
        var condition = OnnxFile.Create([3, 4]).Bytes("condition", Subp.Onnx.Protos.TensorProto.Types.DataType.Bool, [3], 1, 0, 1);
        condition.Node("Compress", "x condition", "y", OnnxFile.Integer("axis", 1));
        FileComparison.Run(condition, [3, 4], 0);
        var flat = OnnxFile.Create([3, 4]).Bytes("condition", Subp.Onnx.Protos.TensorProto.Types.DataType.Bool, [6], 0, 0, 1, 1, 0, 1);
        FileComparison.Run(flat.Node("Compress", "x condition", "y"), [3, 4], 0);
        var none = OnnxFile.Create([3, 4]).Bytes("condition", Subp.Onnx.Protos.TensorProto.Types.DataType.Bool, [2], 0, 0);
        Assert.Contains("chooses nothing", Refusal(none.Node("Compress", "x condition", "y")), StringComparison.Ordinal);
        var computed = OnnxFile
            .Create([4])
            .Constant("zero", [], 0)
            .Node("Greater", "x zero", "condition")
            .Node("Compress", "x condition", "y");
        Assert.Contains("computed value 'condition'", Refusal(computed), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 4, 4, 4)]
    [InlineData(0, 1, 4, 2)]
    [InlineData(1, 3, 1, 4)]
    [InlineData(1, 4, 4, 4)]
    public void Sequences_are_turned_around(int timeAxis, params int[] lengths)
    {
        int[] extents = timeAxis == 0 ? [4, 3, 5] : [3, 4, 5];
        var file = OnnxFile.Create(extents).Integers("lengths", [.. lengths.Select(length => (long)length)]);
        file.Node(
            "ReverseSequence",
            "x lengths",
            "y",
            OnnxFile.Integer("time_axis", timeAxis),
            OnnxFile.Integer("batch_axis", 1 - timeAxis)
        );
        FileComparison.Run(file, extents, 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(9)]
    public void A_diagonal_of_ones_has_the_shape_of_a_matrix(int diagonal)
    {
        var file = OnnxFile.Create([4, 6]).Node("EyeLike", "x", "eye", OnnxFile.Integer("k", diagonal)).Node("Add", "x eye", "y");
        FileComparison.Run(file, [4, 6], 0);
    }

    [Theory]
    [InlineData(0, 5, 7)]
    [InlineData(1, 5, 7)]
    [InlineData(1, 1, 4)]
    public void Grids_of_matrices_are_those_of_ONNX_Runtime(int alignsCorners, int height, int width)
    {
        var file = OnnxFile.Create([2, 2, 3], opset: 20).Integers("size", 2, 4, height, width);
        file.Node("AffineGrid", "x size", "y", OnnxFile.Integer("align_corners", alignsCorners));
        if (height == 1)
            Assert.Contains("an aligned grid of 1 x 4", Refusal(file), StringComparison.Ordinal);
        else
            FileComparison.Run(file, [2, 2, 3], 1e-5);
    }

    [Theory]
    [InlineData(-1, 24)]
    [InlineData(1, 23)]
    public void Root_mean_squares_are_those_of_ONNX_Runtime(int axis, int opset)
    {
        int[] extents = [2, 3, 16];
        var scale = Enumerable.Range(0, axis == 1 ? 48 : 16).Select(index => 0.5f + (index * 0.1f)).ToArray();
        var file = OnnxFile.Create(extents, opset).Constant("scale", axis == 1 ? [3, 16] : [16], scale);
        FileComparison.Run(file.Node("RMSNormalization", "x scale", "y", OnnxFile.Integer("axis", axis)), extents, 1e-5);
    }

    private static string Refusal(OnnxFile file) => Assert.Throws<SubpException>(() => file.Import()).Message;
}

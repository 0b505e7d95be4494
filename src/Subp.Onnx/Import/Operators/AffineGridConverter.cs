using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// AffineGrid: the points of a regular grid, a constant, times the matrix of each image. Source of the definition: the operator's
/// reference in ONNX, opset 20, for images.
/// </summary>
internal sealed class AffineGridConverter : OperatorConverter
{
    private const int MostPoints = 1 << 24;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "AffineGrid",
            "matmul of a constant grid, between transpose and reshape",
            "Images; a constant size, either alignment, aligned from 2 x 2 on."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var theta = node.Value(0, "theta");
        long[] size = node.Constant(1, "size").ToIntegers();
        if (size.Length != 4)
            throw node.Unsupported($"a size of [{string.Join(",", size)}]", "that of images [batch,channels,height,width]");
        if (theta.Shape is not { Rank: 3 } || theta.Shape[0] != size[0] || theta.Shape[1] != 2 || theta.Shape[2] != 3)
            throw node.Unsupported(
                $"theta of shape {theta.Shape}",
                FormattableString.Invariant($"[{size[0]},2,3], a matrix for each image")
            );
        if (size[2] is < 1 or > MostPoints || size[3] is < 1 or > MostPoints || size[2] * size[3] > MostPoints)
            throw node.Unsupported(FormattableString.Invariant($"a grid of {size[2]} x {size[3]}"), "1 to 16,777,216 points");

        var (height, width) = ((int)size[2], (int)size[3]);
        var alignsCorners = node.Attributes.Switch("align_corners", false);
        if (alignsCorners && (height == 1 || width == 1))
            throw node.Unsupported(
                FormattableString.Invariant($"an aligned grid of {height} x {width}"),
                "at least 2 x 2",
                "Where the only point lies differs: the middle in PyTorch, the last end in ONNX Runtime."
            );
        // x, y and the 1 that a translation is multiplied with.
        var points = new float[height * width * 3];
        node.ChargeFolded(points.Length);
        for (var point = 0; point < height * width; point++)
        {
            points[3 * point] = Coordinate(point % width, width, alignsCorners);
            points[(3 * point) + 1] = Coordinate(point / width, height, alignsCorners);
            points[(3 * point) + 2] = 1;
        }

        var grid = node.ComputedConstant("points", new TensorShape(height * width, 3), points);
        var columns = node.EmitIntermediate("columns", new Transpose { Permutation = new[] { 0, 2, 1 } }, theta);
        var moved = node.EmitIntermediate("moved", new MatMul(), grid, columns);
        node.Emit(new Reshape((int)size[0], height, width, 2), moved);
    }

    // From -1 to 1: the centres of the outermost pixels, or their outer edges.
    private static float Coordinate(int index, int extent, bool alignsCorners) =>
        (float)((alignsCorners ? 2.0 * index / (extent - 1) : ((2.0 * index) + 1) / extent) - 1);
}

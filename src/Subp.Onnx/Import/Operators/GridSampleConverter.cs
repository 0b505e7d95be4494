using Subp.Core.Operators;
using Subp.Onnx.Import.GridSampling;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// GridSample: the image as rows of channels, of which each sample takes one, four or sixteen by computed indices and adds them up by
/// weights. Source of the definition: the operator's reference in ONNX, opsets 16 and 20, for images.
/// </summary>
internal sealed class GridSampleConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "GridSample",
            "take_tuples of an image's pixels, mul and add",
            "Images; every mode, padding and alignment. A coordinate that is no number is an error of the run."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var (image, grid) = (node.Value(0, "image"), node.Value(1, "grid"));
        if (!image.Shape.IsImage)
            throw node.Unsupported($"an input of shape {image.Shape}", "an image [batch,channels,height,width]");
        if (grid.Shape is not { Rank: 4 } || grid.Shape[0] != image.Shape[0] || grid.Shape[3] != 2)
            throw node.Unsupported(
                $"a grid of shape {grid.Shape}",
                FormattableString.Invariant($"[{image.Shape[0]},height,width,2], two coordinates for each sample")
            );
        var interpolation = Interpolation(node);
        var padding = Padding(node);
        var alignsCorners = node.Attributes.Switch("align_corners", false);
        var (batch, channels, height, width) = (image.Shape[0], image.Shape[1], image.Shape[2], image.Shape[3]);
        var samples = grid.Shape[1] * grid.Shape[2];
        var rim = padding == GridPadding.Zeros ? 1 : 0;
        if (rim > 0)
            image = node.EmitIntermediate("rim", new Pad { Padding = Core.Operators.Padding.All(rim) }, image);
        var rows = Rows(node, image);
        var places = node.EmitIntermediate("places", new Reshape(batch, samples, 2), grid);

        IReadOnlyList<(GraphValue Index, GraphValue? Weight)> Along(string name, int coordinate, int extent) =>
            new SamplingAxis(node, name, extent, alignsCorners, padding).Pixels(
                node.EmitIntermediate(
                    $"{name}.coordinates",
                    new Slice
                    {
                        Axis = 2,
                        Begin = coordinate,
                        End = coordinate + 1,
                    },
                    places
                ),
                interpolation
            );

        var (across, down) = (Along("x", 0, width), Along("y", 1, height));
        var rowLength = node.ComputedConstant("width", new Core.Graphs.TensorShape(1), width + (2 * rim));
        GraphValue? sum = null;
        foreach (var (row, ofRow) in down)
        {
            var start = node.EmitIntermediate("start", new Mul(), row, rowLength);
            GraphValue? line = null;
            foreach (var (column, ofColumn) in across)
            {
                var index = node.EmitIntermediate("index", new Add(), start, column);
                var pixels = node.EmitIntermediate("pixels", new TakeTuples { BatchDimensions = 1 }, rows, index);
                line = Sum(node, line, Weighted(node, pixels, ofColumn));
            }

            sum = Sum(node, sum, Weighted(node, line!, ofRow));
        }

        var turned = node.EmitIntermediate("turned", new Transpose { Permutation = (int[])[0, 2, 1] }, sum!);
        node.Emit(new Reshape(batch, channels, grid.Shape[1], grid.Shape[2]), turned);
    }

    // [batch, pixels, channels].
    private static GraphValue Rows(NodeContext node, GraphValue image)
    {
        var (batch, channels) = (image.Shape[0], image.Shape[1]);
        var planes = node.EmitIntermediate("planes", new Reshape(batch, channels, image.Shape[2] * image.Shape[3]), image);
        return node.EmitIntermediate("rows", new Transpose { Permutation = (int[])[0, 2, 1] }, planes);
    }

    private static GraphValue Weighted(NodeContext node, GraphValue pixels, GraphValue? weight) =>
        weight is null ? pixels : node.EmitIntermediate("weighted", new Mul(), pixels, weight);

    private static GraphValue Sum(NodeContext node, GraphValue? sum, GraphValue summand) =>
        sum is null ? summand : node.EmitIntermediate("sum", new Add(), sum, summand);

    // Opset 20 renamed two of them.
    private static GridInterpolation Interpolation(NodeContext node) =>
        node.Attributes.Text("mode", "bilinear") switch
        {
            "nearest" => GridInterpolation.Nearest,
            "bilinear" or "linear" => GridInterpolation.Linear,
            "bicubic" or "cubic" => GridInterpolation.Cubic,
            var other => throw node.Attributes.Invalid($"mode = {other}", "nearest, bilinear, linear, bicubic or cubic"),
        };

    private static GridPadding Padding(NodeContext node) =>
        node.Attributes.Text("padding_mode", "zeros") switch
        {
            "zeros" => GridPadding.Zeros,
            "border" => GridPadding.Border,
            "reflection" => GridPadding.Reflection,
            var other => throw node.Attributes.Invalid($"padding_mode = {other}", "zeros, border or reflection"),
        };
}

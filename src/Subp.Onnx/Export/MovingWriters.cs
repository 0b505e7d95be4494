using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Export;

/// <summary>Writes operators that put elements elsewhere.</summary>
internal static class MovingWriters
{
    public static void WriteGather(GraphWriter writer, GraphNode node, Gather gather) =>
        writer.Node(
            "Gather",
            [node.Inputs[0], writer.Integers($"{node.Name}.indices", [.. gather.Indices.Select(index => (long)index)])],
            node.Name,
            Attributes.Integer("axis", gather.Axis)
        );

    public static void WriteTake(GraphWriter writer, GraphNode node, Take take) =>
        WriteIndexed(writer, node, "Gather", Attributes.Integer("axis", take.Axis));

    public static void WriteTakeElements(GraphWriter writer, GraphNode node, TakeElements take) =>
        WriteIndexed(writer, node, "GatherElements", Attributes.Integer("axis", take.Axis));

    public static void WriteTakeTuples(GraphWriter writer, GraphNode node, TakeTuples take) =>
        WriteIndexed(writer, node, "GatherND", Attributes.Integer("batch_dims", take.BatchDimensions));

    // The graph holds computed indices as floats, ONNX as integers.
    private static void WriteIndexed(GraphWriter writer, GraphNode node, string name, AttributeProto attribute)
    {
        const int Int64 = 7;
        var indices = writer.UniqueName($"{node.Name}.indices");
        writer.Node("Cast", [node.Inputs[1]], indices, Attributes.Integer("to", Int64));
        writer.Node(name, [node.Inputs[0], indices], node.Name, attribute);
    }

    public static void WritePad(GraphWriter writer, GraphNode node, Pad pad)
    {
        var axes = pad.Pads.Count / 2;
        var zeros = Enumerable.Repeat(0L, node.Shape.Rank - axes);
        var pads = pad.Pads.Select(amount => (long)amount);
        long[] all = [.. zeros, .. pads.Take(axes), .. zeros, .. pads.Skip(axes)];
        WritePad(writer, all, pad.Mode, pad.Value, node.Inputs[0], node.Name);
    }

    /// <summary>Writes rows and columns of zeros around an image.</summary>
    public static void WritePadding(GraphWriter writer, Padding padding, string input, string output) =>
        WritePad(writer, [0, 0, padding.Top, padding.Left, 0, 0, padding.Bottom, padding.Right], PadMode.Constant, 0, input, output);

    public static void WriteSlice(GraphWriter writer, GraphNode node, Slice slice) =>
        writer.Node(
            "Slice",
            [
                node.Inputs[0],
                writer.Integers($"{node.Name}.starts", slice.Begin),
                // -1 would be counted from the end; what is far below the first index is the place before it.
                writer.Integers($"{node.Name}.ends", slice.End == -1 ? int.MinValue : slice.End),
                writer.Integers($"{node.Name}.axes", slice.Axis),
                writer.Integers($"{node.Name}.steps", slice.Step),
            ],
            node.Name
        );

    public static void WriteResize(GraphWriter writer, GraphNode node, Resize resize)
    {
        var (mode, coordinates, rounding) = resize.Spelled;
        // Opset 17 has neither antialiasing nor the symmetric coordinates; files with them are read, not written.
        if (resize.IsAntialiased || resize.Coordinates == ResizeCoordinates.HalfPixelSymmetric)
            throw new Core.Diagnostics.SubpException(
                Core.Diagnostics.DiagnosticDescriptors.OnnxUnsupportedOperator,
                $"node '{node.Name}'",
                resize.IsAntialiased ? "an antialiased resize" : "a resize with half_pixel_symmetric coordinates",
                "a resize of opset 17"
            );
        var region = resize.Region.Count == 0 ? "" : Reals(writer, $"{node.Name}.region", resize.Region);
        var usesScales = resize.Scales.Count > 0;
        var scales = usesScales ? Reals(writer, $"{node.Name}.scales", resize.Scales) : "";
        string[] sizes = usesScales ? [] : [writer.Integers($"{node.Name}.sizes", [.. resize.Sizes.Select(size => (long)size)])];
        writer.Node(
            "Resize",
            [node.Inputs[0], region, scales, .. sizes],
            node.Name,
            [
                Attributes.Text("mode", mode),
                Attributes.Text("coordinate_transformation_mode", coordinates),
                Attributes.Text("nearest_mode", rounding),
                Attributes.Real("cubic_coeff_a", resize.CubicCoefficient),
                Attributes.Integer("exclude_outside", resize.ExcludesOutside ? 1 : 0),
                Attributes.Real("extrapolation_value", resize.Outside),
            ]
        );
    }

    private static string Reals(GraphWriter writer, string name, EquatableList<float> values) =>
        writer.Constant(name, new TensorShape(values.Count), [.. values]);

    private static void WritePad(GraphWriter writer, long[] pads, PadMode mode, float value, string input, string output)
    {
        // Opset 17 has no wrap; the parts that go round are slices.
        if (mode == PadMode.Wrap)
        {
            WriteWrap(writer, pads, input, output);
            return;
        }

        var amounts = writer.Integers($"{output}.pads", pads);
        string[] inputs = value == 0 ? [input, amounts] : [input, amounts, writer.Scalar($"{output}.value", value)];
        if (mode == PadMode.Constant)
            writer.Node("Pad", inputs, output);
        else
            writer.Node("Pad", inputs, output, Attributes.Text("mode", mode == PadMode.Reflect ? "reflect" : "edge"));
    }

    private static void WriteWrap(GraphWriter writer, long[] pads, string input, string output)
    {
        var rank = pads.Length / 2;
        int[] padded = [.. Enumerable.Range(0, rank).Where(axis => pads[axis] != 0 || pads[rank + axis] != 0)];
        var value = input;
        foreach (var axis in padded)
        {
            List<string> parts = [];
            if (pads[axis] > 0)
                parts.Add(Part(writer, value, output, axis, -pads[axis], long.MaxValue));
            parts.Add(value);
            if (pads[rank + axis] > 0)
                parts.Add(Part(writer, value, output, axis, 0, pads[rank + axis]));
            value = axis == padded[^1] ? output : writer.UniqueName($"{output}.wrapped");
            writer.Node("Concat", parts, value, Attributes.Integer("axis", axis));
        }

        if (padded.Length == 0)
            writer.Node("Identity", [input], output);
    }

    private static string Part(GraphWriter writer, string value, string output, int axis, long begin, long end)
    {
        var part = writer.UniqueName($"{output}.part");
        writer.Node(
            "Slice",
            [value, writer.Integers($"{part}.starts", begin), writer.Integers($"{part}.ends", end), writer.Integers($"{part}.axes", axis)],
            part
        );
        return part;
    }
}

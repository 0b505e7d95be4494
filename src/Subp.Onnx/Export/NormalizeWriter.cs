using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Export;

/// <summary>
/// Writes a normalisation as the arithmetic of its definition, since opset 17 knows some forms of it only. The groups of channels become an
/// axis of their own meanwhile.
/// </summary>
internal static class NormalizeWriter
{
    public static void Write(GraphWriter writer, GraphNode node, Normalize norm)
    {
        string Part(string operatorType, string name, params string[] inputs)
        {
            var part = writer.UniqueName($"{node.Name}.{name}");
            writer.Node(operatorType, inputs, part);
            return part;
        }

        string Mean(string name, string input)
        {
            var part = writer.UniqueName($"{node.Name}.{name}");
            writer.Node("ReduceMean", [input], part, Attributes.Integers("axes", Axes(norm)), Attributes.Integer("keepdims", 1));
            return part;
        }

        var value = node.Inputs[0];
        if (norm.Groups > 1)
            value = Part("Reshape", "grouped", value, writer.Integers($"{node.Name}.groups", Grouped(node.Shape, norm.Groups)));
        if (!norm.KeepsMean)
            value = Part("Sub", "centred", value, Mean("mean", value));
        var variance = Mean("variance", Part("Mul", "square", value, value));
        var deviation = Part("Sqrt", "deviation", Part("Add", "safe", variance, writer.Scalar($"{node.Name}.epsilon", norm.Epsilon)));
        var (scale, shift) = (norm.Scale is { } s ? writer.Parameter(s) : null, norm.Shift is { } b ? writer.Parameter(b) : null);
        var isLast = norm.Groups == 1 && scale is null && shift is null;
        var result = isLast ? node.Name : writer.UniqueName($"{node.Name}.normalized");
        writer.Node("Div", [value, deviation], result);
        if (norm.Groups > 1)
            result = Last("Reshape", result, Shape(), scale is null && shift is null);
        if (scale is not null)
            result = Last("Mul", result, scale, shift is null);
        if (shift is not null)
            Last("Add", result, shift, isLast: true);

        string Shape() => writer.Integers($"{node.Name}.shape", [.. node.Shape.Dimensions.Select(extent => (long)extent)]);

        string Last(string operatorType, string input, string operand, bool isLast)
        {
            var name = isLast ? node.Name : writer.UniqueName($"{node.Name}.{operatorType.ToLowerInvariant()}");
            writer.Node(operatorType, [input, operand], name);
            return name;
        }
    }

    // Axis 1 becomes two, of which the first is not reduced.
    private static IEnumerable<long> Axes(Normalize norm) =>
        norm.Axes.Select(axis => (long)(norm.Groups > 1 && axis > 0 ? axis + 1 : axis));

    private static long[] Grouped(TensorShape shape, int groups) =>
        [shape[0], groups, shape[1] / groups, .. shape.Dimensions.Skip(2).Select(extent => (long)extent)];
}

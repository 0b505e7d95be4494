using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Split into parts, each of which is a slice.</summary>
internal sealed class SplitConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Split", "slice, one per output", "Any axis; the parts as attribute, as constant input, as num_outputs, or equal ones.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var value = node.ValueOfAnyKind(0);
        var shape = value.Shape;
        var (axis, parts) = SplitReader.Read(node, [.. shape.Dimensions.Select(extent => (long)extent)]);
        var outputs = node.Node.Output.Count;
        if (parts.Contains(0))
            throw node.Unsupported($"the parts [{string.Join(",", parts)}]", "parts of at least 1");
        var begin = 0;
        for (var index = 0; index < outputs; index++)
        {
            var end = begin + parts[index];
            if (node.Node.Output[index].Length > 0 && parts[index] == shape[axis])
                node.DefineOutput(index, value);
            else if (node.Node.Output[index].Length > 0)
                node.EmitOutput(
                    index,
                    new Slice
                    {
                        Axis = axis,
                        Begin = begin,
                        End = end,
                    },
                    value
                );
            begin = end;
        }
    }
}

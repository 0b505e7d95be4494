using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Split into parts, each of which is a slice.</summary>
internal sealed class SplitConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Split",
            "slice, one per output",
            "Any axis but the batch; the parts as attribute, as constant input, as num_outputs, or equal ones."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var value = node.Value(0);
        var shape = value.Shape;
        node.RequireInputs(1, node.Opset >= PartsInputOpset ? 2 : 1);
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), shape.Rank);
        var outputs = node.Node.Output.Count;
        var given =
            node.Opset >= PartsInputOpset
                ? node.OptionalConstant(1, "split")?.ToIntegers()
                : node.Attributes.Integers("split")?.Select(part => (long)part).ToArray();
        var declared = node.Attributes.Integer("num_outputs", outputs, 1);
        if (axis == 0 && outputs > 1)
            throw node.Unsupported("parts of the batch", "the whole batch");
        if (declared != outputs)
            throw node.Attributes.Invalid(
                FormattableString.Invariant($"num_outputs = {declared}"),
                FormattableString.Invariant($"the {outputs} outputs")
            );
        // Equal parts round up; the last one takes what is left.
        var equal = (shape[axis] + (long)outputs - 1) / outputs;
        given ??= [.. Enumerable.Range(0, outputs).Select(index => Math.Min(equal, shape[axis] - (index * equal)))];
        if (given.Length != outputs || given.Any(part => part < 1 || part > shape[axis]) || given.Sum() != shape[axis])
            throw node.Unsupported(
                $"the parts [{string.Join(",", given)}] of the extent {shape[axis]} in {outputs} outputs",
                "one part of at least 1 per output"
            );
        var begin = 0;
        for (var index = 0; index < outputs; index++)
        {
            var end = begin + (int)given[index];
            if (node.Node.Output[index].Length > 0 && given[index] == shape[axis])
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

    private const int PartsInputOpset = 13;
}

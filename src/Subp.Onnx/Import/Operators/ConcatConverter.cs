using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Concat of computed values and constants.</summary>
internal sealed class ConcatConverter : OperatorConverter
{
    // Before, the channels were meant where no axis was given.
    private const int AxisOpset = 4;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Concat", "concat", "Any axis; computed values and constants; quantised bytes of one scale.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        if (node.InputCount == 0)
            node.RequireInputs(1, int.MaxValue);
        // An empty constant has no elements to join; exporters write some.
        GraphValue[] parts =
        [
            .. Enumerable
                .Range(0, node.InputCount)
                .Where(index => !(node.Input(index, "operand") is ConstantValue { Tensor.Count: 0 }))
                .Select(index => node.ValueOfAnyKind(index, "operand")),
        ];
        var given =
            node.Opset >= AxisOpset && node.Attributes.Any("axis") is null
                ? throw node.Attributes.Invalid("no axis", "axis")
                : node.Attributes.Integer("axis", 1);
        if (parts.Length == 0)
            throw node.Unsupported("empty constants", "at least one element");
        var axis = Axes.Normalize(node, given, parts[0].Shape.Rank);
        if (parts.Length == 1)
            node.Define(parts[0]);
        else if (ByteOperands.Find(parts) is { } bytes)
            // What bytes of one quantisation stand for is joined; of that they are made again.
            ByteOperands.Emit(
                node,
                bytes,
                parts,
                numbers => node.EmitIntermediate("joint", new Concat { Axis = axis }, numbers),
                "Use QLinearConcat, or join what DequantizeLinear makes of the bytes."
            );
        else
            node.Emit(new Concat { Axis = axis }, parts);
    }
}

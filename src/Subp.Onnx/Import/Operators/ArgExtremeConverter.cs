using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>ArgMax and ArgMin.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class ArgExtremeConverter(string name) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(name, name == "ArgMin" ? "arg_min" : "arg_max", "Any axis, also of quantised bytes; the index is a float in the graph.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        // Bytes and what they stand for have the same order, and equal ones are equal.
        var value = node.ValueOfAnyKind(0) is { Kind: ElementKind.Byte } bytes
            ? node.EmitIntermediate("real", new Dequantize(), bytes)
            : node.Value(0);
        node.Emit(
            new ArgExtreme
            {
                IsMinimum = name == "ArgMin",
                Axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), value.Shape.Rank),
                KeepDimensions = node.Attributes.Switch("keepdims", true),
                SelectsLast = node.Attributes.Switch("select_last_index", false),
            },
            value
        );
    }
}

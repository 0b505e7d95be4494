using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Relu.</summary>
internal sealed class ReluConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Relu", "relu", "Any shape, also of quantised bytes.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        if (node.ValueOfAnyKind(0) is { Kind: ElementKind.Byte } bytes)
            ByteClamps.Emit(node, bytes, least: 0, most: null);
        else
            node.Emit(Activate.Relu, node.Value(0));
    }
}

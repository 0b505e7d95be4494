namespace Subp.Onnx.Import.Operators;

/// <summary>QuantizeLinear of computed values; of constants it is computed at import.</summary>
internal sealed class QuantizeLinearConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "QuantizeLinear",
            "quantize, which becomes part of the integer layer before it",
            "One scale for a computed value; uint8 or int8, which becomes uint8. Of constants as DequantizeLinear."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        ReadAttributes(node);
        var (quantization, isSigned) = QuantizationReader.Read(node, 1, 2, isSigned: false);
        node.EmitBytes(quantization, isSigned, node.Value(0));
    }

    /// <summary>Reads the attributes that QuantizeLinear and DequantizeLinear share; with one scale the axis has no meaning.</summary>
    public static void ReadAttributes(NodeContext node)
    {
        _ = node.Attributes.Integer("axis", 1, int.MinValue);
        if (node.Attributes.Integer("block_size", 0, 0) != 0)
            throw node.Unsupported("block_size", "one scale");
        _ = node.Attributes.Integer("saturate", 1, 0);
    }
}

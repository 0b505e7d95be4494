using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

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
        var type = OutputType(node);
        var (quantization, isSigned) = QuantizationReader.Read(node, 1, 2, isSigned: type == DataType.Int8);
        if (type is { } wanted && wanted != (isSigned ? DataType.Int8 : DataType.Uint8))
            throw node.Unsupported($"output_dtype = {wanted}", "uint8 or int8, and the type of the zero point");
        node.EmitBytes(quantization, isSigned, node.Value(0));
    }

    /// <summary>The type that the node names for its result, which is that of the zero point where there is one; or null.</summary>
    public static DataType? OutputType(NodeContext node) =>
        node.Attributes.Integer("output_dtype", 0) is var type && type != 0 ? (DataType)type : null;

    /// <summary>Reads the attributes that QuantizeLinear and DequantizeLinear share; with one scale the axis has no meaning.</summary>
    public static void ReadAttributes(NodeContext node)
    {
        _ = node.Attributes.Integer("axis", 1, int.MinValue);
        if (node.Attributes.Integer("block_size", 0, 0) != 0)
            throw node.Unsupported("block_size", "one scale");
        _ = node.Attributes.Integer("saturate", 1, 0);
    }
}

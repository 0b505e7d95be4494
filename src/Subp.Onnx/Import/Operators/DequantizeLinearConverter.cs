using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>DequantizeLinear of computed values; of constants it is computed at import.</summary>
internal sealed class DequantizeLinearConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "DequantizeLinear",
            "dequantize, which vanishes before an integer layer",
            "Of computed bytes with the scale and the zero point with which they were made. Of constants with one scale or one per "
                + "index of an axis; without block_size."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        QuantizeLinearConverter.ReadAttributes(node);
        node.Attributes.Ignore("output_dtype");
        node.Emit(new Dequantize(), node.Bytes(0, 1, 2));
    }
}

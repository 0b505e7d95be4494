using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>GlobalAveragePool over images.</summary>
internal sealed class GlobalAveragePoolConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("GlobalAveragePool", "global_avg_pool", "Two spatial dimensions.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Emit(new GlobalAveragePool(), node.Image(0));
    }
}

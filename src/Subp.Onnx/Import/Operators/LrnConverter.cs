using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>LRN.</summary>
internal sealed class LrnConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("LRN", "local_response_norm", "Any size.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Emit(
            new LocalResponseNorm
            {
                Size = node.Attributes.Integer("size", 0, 1),
                Alpha = node.Attributes.Real("alpha", 1e-4f),
                Beta = node.Attributes.Real("beta", 0.75f),
                Bias = node.Attributes.Real("bias", 1),
            },
            node.Value(0)
        );
    }
}

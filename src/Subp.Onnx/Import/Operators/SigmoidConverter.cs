using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Sigmoid; the product of a value with its own sigmoid becomes SiLU, see <see cref="Products"/>.</summary>
internal sealed class SigmoidConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Sigmoid", "sigmoid", "Any shape.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Emit(Activate.Sigmoid, node.Value(0));
    }
}

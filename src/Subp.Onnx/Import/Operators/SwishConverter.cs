using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Swish: x * sigmoid(alpha * x).</summary>
internal sealed class SwishConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Swish", "silu, or mul and sigmoid for an alpha other than 1", "Any shape.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var value = node.Value(0);
        var alpha = node.Attributes.Real("alpha", 1);
        if (alpha == 1)
        {
            node.Emit(new Activate(Activation.Silu), value);
            return;
        }

        var scaled = node.EmitIntermediate("scaled", new Mul(), value, node.ComputedConstant("alpha", new TensorShape(1), alpha));
        node.Emit(new Mul(), value, node.EmitIntermediate("gate", new Activate(Activation.Sigmoid), scaled));
    }
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>HardSigmoid.</summary>
internal sealed class HardSigmoidConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("HardSigmoid", "hard_sigmoid", "Any shape, any alpha and beta.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var alpha = node.Attributes.Real("alpha", Activation.DefaultAlpha);
        var beta = node.Attributes.Real("beta", Activation.DefaultBeta);
        node.Emit(new Activate(Activation.HardSigmoid(alpha, beta)), node.Value(0));
    }
}

using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>IsInf: a comparison with one infinity, or of the magnitude with both.</summary>
internal sealed class IsInfConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("IsInf", "equal, or greater", "Any shape.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var value = node.Value(0);
        var (negative, positive) = (node.Attributes.Switch("detect_negative", true), node.Attributes.Switch("detect_positive", true));
        if (!negative && !positive)
        {
            // Nothing is greater than itself.
            node.Emit(new Binary { Kind = BinaryKind.Greater }, value, value);
            return;
        }

        if (negative && positive)
            value = node.EmitIntermediate("magnitude", new Activate(Activation.Of(ActivationKind.Abs)), value);
        var infinity = node.ComputedConstant("infinity", new TensorShape(), positive ? float.PositiveInfinity : float.NegativeInfinity);
        node.Emit(new Binary { Kind = BinaryKind.Equal }, value, infinity);
    }
}

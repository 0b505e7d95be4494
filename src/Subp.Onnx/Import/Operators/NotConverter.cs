using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Not.</summary>
internal sealed class NotConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Not", "not", "Any shape; truth values are 0 and 1.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Emit(new Activate(Activation.Of(ActivationKind.Not)), node.ValueOfAnyKind(0));
    }
}

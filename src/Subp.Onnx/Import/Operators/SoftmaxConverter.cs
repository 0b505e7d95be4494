using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Softmax over the features of vectors.</summary>
internal sealed class SoftmaxConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Softmax", "softmax", "[batch, features], over the last axis.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var input = node.Value(0);
        if (input.Shape.Rank != 2)
            throw node.Unsupported($"an input of shape {input.Shape}", "[batch,features]");

        // The default was 1 before opset 13 and is the last axis since: the same for two dimensions.
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", 1), input.Shape.Rank);
        if (axis != 1)
            throw node.Unsupported(FormattableString.Invariant($"axis = {axis}"), "the last axis");
        node.Emit(new Softmax(), input);
    }
}

using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Softmax over the features of vectors.</summary>
internal sealed class SoftmaxConverter : OperatorConverter
{
    private const int SingleAxisOpset = 13;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Softmax",
            "softmax",
            "Over everything behind the batch: the features of vectors, images of one pixel over axis 1, and before opset 13 any value "
                + "over axis 1."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var input = node.Value(0);
        var shape = input.Shape;

        // Before opset 13 everything from the axis on was one vector, and the default was 1; since then the default is the last axis.
        var joins = node.Opset < SingleAxisOpset;
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", joins ? 1 : -1), shape.Rank);
        if (joins ? axis != 1 : shape[axis] * shape.Batch != shape.ElementCount || axis == 0)
            throw node.Unsupported(
                FormattableString.Invariant($"axis = {axis} of an input of shape {shape}"),
                "everything behind the batch"
            );
        if (shape.IsVector)
        {
            node.Emit(new Softmax(), input);
            return;
        }

        var vector = node.EmitIntermediate("flat", new Flatten(), input);
        node.Emit(new Reshape(shape.Dimensions), node.EmitIntermediate("softmax", new Softmax(), vector));
    }
}

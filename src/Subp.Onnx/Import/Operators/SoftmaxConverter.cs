using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Softmax and LogSoftmax along any axis, before opset 13 over everything from the axis on.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class SoftmaxConverter(string name) : OperatorConverter
{
    private const int SingleAxisOpset = 13;

    private readonly bool _isLogarithm = name == "LogSoftmax";

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(name, name == "LogSoftmax" ? "log_softmax" : "softmax", "Any axis; before opset 13 over everything from the axis on.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var input = node.Value(0);
        var shape = input.Shape;

        // Before opset 13 everything from the axis on was one vector, and the default was 1; since then the default is the last axis.
        var joins = node.Opset < SingleAxisOpset;
        var given = node.Attributes.Integer("axis", joins ? 1 : -1);
        var axis = joins && given == shape.Rank ? given : Axes.Normalize(node, given, shape.Rank);
        var behind = joins ? shape.Dimensions.Skip(axis).Aggregate(1, (product, extent) => product * extent) : shape[axis];
        var isPlain = !joins || (axis < shape.Rank && shape[axis] == behind);
        // The features of vectors have kernels of their own; images of one pixel are vectors.
        if (isPlain && (shape.IsVector || axis == 0 || shape[axis] * shape[0] != shape.ElementCount))
        {
            node.Emit(new Softmax { Axis = axis, IsLogarithm = _isLogarithm }, input);
            return;
        }

        var vectors = node.EmitIntermediate("flat", Joined(shape, behind), input);
        var result = node.EmitIntermediate("softmax", new Softmax { IsLogarithm = _isLogarithm }, vectors);
        node.Emit(new Reshape(shape.Dimensions), result);
    }

    private static Operator Joined(TensorShape shape, int behind) =>
        shape.Rank >= 2 && shape[0] * behind == shape.ElementCount ? new Flatten() : new Reshape(shape.ElementCount / behind, behind);
}

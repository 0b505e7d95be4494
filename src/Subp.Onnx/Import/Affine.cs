using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// The sum, difference, product or quotient of a computed value and a constant: a normalisation with y = scale * x + shift per channel,
/// whose mean is 0 and whose variance is 1. Packing folds it into the layer before, as it does with every normalisation.
/// </summary>
internal static class Affine
{
    /// <summary>Adds the normalisation as the node of the first output where the constant is one number or one per channel.</summary>
    /// <param name="node">The node.</param>
    /// <param name="value">The computed value.</param>
    /// <param name="constant">The constant.</param>
    /// <param name="factors">Scale and shift for one number of the constant.</param>
    /// <returns>False where the value is neither image nor vector, the constant broadcasts in another way, or a factor is not
    /// finite.</returns>
    public static bool TryEmit(NodeContext node, GraphValue value, ConstantTensor constant, Func<float, (float Scale, float Shift)> factors)
    {
        var shape = value.Shape;
        if (value.Constant is not null || !(shape.IsImage || shape.IsVector) || !IsPerChannel(constant, shape))
            return false;
        var given = constant.ToNumbers();
        var (scale, shift) = (new float[shape.Channels], new float[shape.Channels]);
        for (var channel = 0; channel < scale.Length; channel++)
            (scale[channel], shift[channel]) = factors(given[given.Length == 1 ? 0 : channel]);
        if (!scale.All(float.IsFinite) || !shift.All(float.IsFinite))
            return false;
        if (scale.All(factor => factor == 1) && shift.All(summand => summand == 0))
        {
            node.Define(value);
            return true;
        }

        node.Emit(
            new BatchNorm
            {
                Scale = node.ComputedParameter("scale", scale),
                Shift = node.ComputedParameter("shift", shift),
                Mean = node.ComputedParameter("mean", new float[scale.Length]),
                Variance = node.ComputedParameter("variance", [.. Enumerable.Repeat(1f, scale.Length)]),
                Epsilon = 0,
            },
            value
        );
        return true;
    }

    /// <summary>True where broadcasting to a shape gives every channel one number.</summary>
    private static bool IsPerChannel(ConstantTensor constant, Core.Graphs.TensorShape shape)
    {
        var dimensions = constant.Dimensions;
        if (dimensions.Count > shape.Rank)
            return false;
        if (constant.Count == 1)
            return true;
        var offset = shape.Rank - dimensions.Count;
        return constant.Count == shape.Channels && offset <= 1 && dimensions[1 - offset] == shape.Channels;
    }
}

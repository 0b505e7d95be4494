using Subp.Onnx.Import.Folding;

namespace Subp.Onnx.Import;

/// <summary>The weights and biases of operators that hold them as integers, as the real numbers that they stand for.</summary>
internal static class DequantizedConstants
{
    /// <summary>A weight with one scale, or one for each index of an axis.</summary>
    public static ConstantTensor Weight(NodeContext node, int weight, int scale, int zero, int axis) =>
        Weight(node, weight, node.Constant(scale, "scale of the weight").ToFloats(), zero, axis);

    /// <summary>The same with scales that no input names.</summary>
    public static ConstantTensor Weight(NodeContext node, int weight, float[] scales, int zero, int axis)
    {
        var bytes = FoldedTensor.Read(node.Constant(weight, "weight"));
        var zeros = node.OptionalConstant(zero, "zero point of the weight")?.ToIntegers() ?? [0];
        if (axis >= bytes.Dimensions.Length)
            throw node.Unsupported(
                $"a weight of shape [{string.Join(",", bytes.Dimensions)}]",
                FormattableString.Invariant($"at least {axis + 1} dimensions, of which one is that of the outputs")
            );
        var extent = bytes.Dimensions[axis];
        if (bytes.IsReal || (scales.Length != 1 && scales.Length != extent) || (zeros.Length != 1 && zeros.Length != extent))
            throw node.Unsupported(
                FormattableString.Invariant($"{scales.Length} scales and {zeros.Length} zero points of a weight of shape ")
                    + $"[{string.Join(",", bytes.Dimensions)}]",
                FormattableString.Invariant($"integers with one scale or {extent}")
            );
        var inner = bytes.Dimensions.Skip(axis + 1).Aggregate(1, (product, dimension) => product * dimension);
        var values = new float[bytes.Count];
        node.ChargeFolded(values.Length);
        int Part(int index, int count) => count == 1 ? 0 : index / inner % extent;
        long Steps(int index) => bytes.Integers[index] - zeros[Part(index, zeros.Length)];
        scales = QuantizationReader.Scales(
            node,
            scales,
            part => Enumerable.Range(0, values.Length).All(index => Part(index, scales.Length) != part || Steps(index) == 0)
        );
        for (var index = 0; index < values.Length; index++)
            values[index] = Steps(index) * scales[Part(index, scales.Length)];

        return node.DequantizedConstant("weight", FoldedTensor.Of(bytes.Dimensions, values).ToProto(), scales);
    }

    /// <summary>A bias in steps of input scale * weight scale as a parameter, or null where it is absent.</summary>
    public static string? Bias(NodeContext node, int bias, int inputScale, int weightScale, int outputs)
    {
        if (node.OptionalConstant(bias, "bias")?.ToIntegers() is not { } integers)
            return null;
        var (input, scales) = (node.Constant(inputScale, "scale").ToScalar(), node.Constant(weightScale, "scale").ToFloats());
        if (integers.Length != outputs)
            throw node.Unsupported(FormattableString.Invariant($"{integers.Length} biases"), FormattableString.Invariant($"{outputs}"));
        var values = new float[outputs];
        for (var index = 0; index < outputs; index++)
            values[index] = (float)(integers[index] * ((double)input * scales[scales.Length == 1 ? 0 : index]));
        return node.ComputedParameter("bias", values);
    }
}

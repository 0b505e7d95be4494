using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Onnx.Import;

/// <summary>The bytes that a dequantised weight was, and the bias in steps of the sums.</summary>
/// <param name="Values">The bytes.</param>
/// <param name="Scales">One for each output channel.</param>
/// <param name="Bias">One for each output channel, or null.</param>
internal sealed record IntegerWeight(sbyte[] Values, float[] Scales, int[]? Bias)
{
    /// <summary>Finds the bytes; null where the weight is not made of signed bytes, or a sum could leave 32 bits.</summary>
    /// <param name="weight">[outputs, ...].</param>
    /// <param name="scales">One scale, or one for each output.</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="input">The quantisation of the layer's input.</param>
    public static IntegerWeight? Find(WeightTensor weight, float[] scales, float[]? bias, Quantization input)
    {
        var outputs = weight.Shape[0];
        if (scales.Length != 1 && scales.Length != outputs)
            return null;
        var values = weight.Values;
        var perOutput = values.Length / outputs;
        var result = new IntegerWeight(new sbyte[values.Length], new float[outputs], bias is null ? null : new int[outputs]);
        long furthest = Math.Max(input.ZeroPoint, byte.MaxValue - input.ZeroPoint);
        for (var output = 0; output < outputs; output++)
        {
            var scale = scales[scales.Length == 1 ? 0 : output];
            if (!Quantization.IsScale(scale) || !Quantization.IsScale(input.Scale * scale))
                return null;
            result.Scales[output] = scale;
            long magnitude = 0;
            for (var index = output * perOutput; index < (output + 1) * perOutput; index++)
            {
                var steps = Math.Round((double)values[index] / scale);
                if (!(steps is >= sbyte.MinValue and <= sbyte.MaxValue) || (float)steps * scale != values[index])
                    return null;
                result.Values[index] = (sbyte)steps;
                magnitude += Math.Abs((long)steps);
            }

            var offset = bias is null ? 0 : Math.Round(bias[output] / ((double)input.Scale * scale), MidpointRounding.ToEven);
            if (!(Math.Abs(offset) + (magnitude * furthest) <= int.MaxValue))
                return null;
            if (result.Bias is not null)
                result.Bias[output] = (int)offset;
        }

        return result;
    }
}

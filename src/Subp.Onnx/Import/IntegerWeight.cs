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
    /// <param name="factors">What normalisations behind the layer make of its results, or null.</param>
    /// <param name="input">The quantisation of the layer's input.</param>
    public static IntegerWeight? Find(WeightTensor weight, float[] scales, float[]? bias, ChannelFactors? factors, Quantization input)
    {
        var outputs = weight.Shape[0];
        if (scales.Length != 1 && scales.Length != outputs)
            return null;
        var values = weight.Values;
        var perOutput = values.Length / outputs;
        var hasBias = bias is not null || factors is not null;
        var result = new IntegerWeight(new sbyte[values.Length], new float[outputs], hasBias ? new int[outputs] : null);
        for (var output = 0; output < outputs; output++)
        {
            var scale = scales[scales.Length == 1 ? 0 : output];
            var multiplier = factors?.Multipliers[output] ?? 1;
            var real = ((bias?[output] ?? 0) * multiplier) + (factors?.Shifts[output] ?? 0);
            if (
                FilterSteps.Find(values.AsSpan(output * perOutput, perOutput), scale)?.Times(multiplier) is not { } filter
                || filter.WithBias(real, input) is not { } placed
            )
                return null;
            placed.Filter.Steps.CopyTo(result.Values, output * perOutput);
            result.Scales[output] = placed.Filter.Scale;
            if (result.Bias is not null)
                result.Bias[output] = placed.Bias;
        }

        return result;
    }
}

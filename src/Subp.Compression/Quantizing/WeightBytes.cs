using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Compression.Quantizing;

/// <summary>The bytes of a weight, symmetric and with one scale for each output channel, and the bias that belongs to them.</summary>
/// <param name="Values">From -127 to 127, or from -63 to 63 of 7 bits: both signs reach equally far.</param>
/// <param name="Scales">What one step of a channel is.</param>
/// <param name="Bias">In steps of input scale * weight scale.</param>
internal sealed record WeightBytes(sbyte[] Values, float[] Scales, int[] Bias)
{
    // Keeps bias and products together within 31 bits for every layer that the count of products allows.
    private const double LargestBias = 1 << 29;
    private const int LeastReach = 8;

    /// <summary>Rounds a weight. One of few bits keeps its integers and scales, so that nothing is rounded again.</summary>
    /// <param name="weight">[outputs, ...].</param>
    /// <param name="grid">The weight as integers of at most as many bits as it is rounded to, or null.</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="inputScale">The scale of the layer's input.</param>
    /// <param name="bits">How many bits a weight takes with its sign: 8, or 7 so that two products never leave 16 bits.</param>
    public static WeightBytes Round(ReadOnlySpan<float> weight, GridValues? grid, IReadOnlyList<double> bias, float inputScale, int bits)
    {
        var largest = (1 << (bits - 1)) - 1;
        var outputs = bias.Count;
        var perOutput = weight.Length / outputs;
        var result = new WeightBytes(new sbyte[weight.Length], new float[outputs], new int[outputs]);
        for (var output = 0; output < outputs; output++)
        {
            var row = weight.Slice(output * perOutput, perOutput);
            float reach = 0;
            foreach (var value in row)
                reach = Math.Max(reach, Math.Abs(value));
            var step =
                grid?.Scales is { } steps && CanKeep(grid.Integers.AsSpan(output * perOutput, perOutput)) ? steps[output] : reach / largest;
            var scale = Math.Max(step, (float)(Math.Abs(bias[output]) / (inputScale * LargestBias)));
            if (!Quantization.IsScale(scale) || !Quantization.IsScale(scale * inputScale))
                scale = 1;
            result.Scales[output] = scale;
            for (var index = 0; index < perOutput; index++)
                result.Values[(output * perOutput) + index] = (sbyte)
                    Math.Clamp(Math.Round((double)row[index] / scale, MidpointRounding.ToEven), -largest, largest);
            result.Bias[output] = (int)Math.Round(bias[output] / ((double)inputScale * scale), MidpointRounding.ToEven);
        }

        return result;
    }

    // The bias is rounded to steps of the sums, and these to 256 bytes. Sums of eight products and more have so many steps that the bias
    // loses no more than a sixteenth of a byte; in a filter of one tap it would lose half a byte.
    private static bool CanKeep(ReadOnlySpan<sbyte> integers)
    {
        long reach = 0;
        foreach (var integer in integers)
            reach += Math.Abs((int)integer);
        return reach is 0 or >= LeastReach;
    }

    /// <summary>The numbers that the bytes stand for.</summary>
    public float[] ToFloats()
    {
        var perOutput = Values.Length / Scales.Length;
        var floats = new float[Values.Length];
        for (var index = 0; index < floats.Length; index++)
            floats[index] = Values[index] * Scales[index / perOutput];
        return floats;
    }
}

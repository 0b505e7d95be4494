using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// The arithmetic that integer layers share, to the bit: acc = sum of (x - z_x) * w + bias in 32-bit integers, then
/// y = clamp(rint(float(acc) * M) + z_y, lo, hi) with M = float(float(s_x * s_w) / s_y), half to even, and no fused multiply-add.
/// </summary>
public static class IntegerLayer
{
    /// <summary>The largest number of products of a byte (255) and a signed byte (-128) whose sum 32 bits hold for certain.</summary>
    public const int MostSummands = int.MaxValue / (byte.MaxValue * 128);

    /// <summary>The largest number of bytes whose sum 32 bits hold for certain.</summary>
    public const int MostAveraged = int.MaxValue / byte.MaxValue;

    /// <summary>How many bytes one sum of an operator that takes means has at most; 0 for others.</summary>
    public static long AveragedBy(Operator @operator, TensorShape input) =>
        @operator switch
        {
            GlobalAveragePool => (long)input.Height * input.Width,
            Pool2d { Kind: PoolKind.Average } pool => (long)pool.Window.Kernel.Height * pool.Window.Kernel.Width,
            _ => 0,
        };

    /// <summary>How many products one sum of a layer has at most: kept input channels times kernel.</summary>
    public static int SummandsOf(Parameter weight)
    {
        var perOutput = weight.Shape.ElementCount / weight.Shape[0];
        if (weight.Pattern is not { } pattern)
            return perOutput;
        var kept = 0;
        for (var group = 0; group < pattern.Groups; group++)
            kept = Math.Max(kept, pattern.Kept(group).Count);
        return perOutput / pattern.InputChannels * kept;
    }

    /// <summary>What a sum of an output channel is multiplied with: (s_x * s_w) / s_y, each step rounded to single precision.</summary>
    public static float Multiplier(float inputScale, float weightScale, float outputScale) =>
        (float)(SumScale(inputScale, weightScale) / outputScale);

    /// <summary>What a sum of an output channel stands for where the result is float: s_x * s_w, rounded to single precision.</summary>
    public static float SumScale(float inputScale, float weightScale) => (float)(inputScale * weightScale);

    /// <summary>How much of the scale of a result one step of an operand is: s_x / s_y, rounded to single precision.</summary>
    public static float Ratio(Quantization operand, Quantization result) => (float)(operand.Scale / result.Scale);

    /// <summary>What the sum of some bytes is multiplied with to be their mean: (s_x / s_y) / count, each step rounded.</summary>
    public static float MeanMultiplier(Quantization input, Quantization result, int count) => (float)(Ratio(input, result) / (float)count);

    /// <summary>The smallest and the largest byte of a result behind a clamp.</summary>
    /// <param name="activation">The identity, ReLU or another clamp.</param>
    /// <param name="result">The quantisation of the result.</param>
    public static (int Low, int High) Bounds(Activation activation, Quantization result) =>
        (Quantize(activation.Minimum, result), Quantize(activation.Maximum, result));

    /// <summary>The byte of a real number: clamp(rint(x / s) + z, 0, 255); a NaN becomes 0.</summary>
    public static int Quantize(float value, Quantization quantization) =>
        Place((float)(value / quantization.Scale), quantization.ZeroPoint, 0, byte.MaxValue);

    /// <summary>The real number of a byte: float(q - z) * s.</summary>
    public static float Dequantize(int value, Quantization quantization) =>
        (float)((float)(value - quantization.ZeroPoint) * quantization.Scale);

    /// <summary>A byte of another quantisation: clamp(rint(float(q - z_x) * float(s_x / s_y)) + z_y, lo, hi).</summary>
    public static int Requantize(int value, Quantization from, Quantization to, int low = 0, int high = byte.MaxValue) =>
        from == to
            ? Math.Min(Math.Max(value, low), high)
            : Place((float)((float)(value - from.ZeroPoint) * Ratio(from, to)), to.ZeroPoint, low, high);

    /// <summary>clamp(rint(steps) + zero point, low, high), half to even; a NaN becomes low.</summary>
    public static int Place(float steps, int zeroPoint, int low, int high)
    {
        var rounded = Math.Round((double)steps) + zeroPoint;
        return rounded >= high ? high
            : rounded > low ? (int)rounded
            : low;
    }

    /// <summary>
    /// The 256 bytes that an element-wise function makes of the bytes of its input. A clamp follows <see cref="Requantize"/>; every other
    /// function is computed in double precision and rounded once.
    /// </summary>
    public static byte[] Table(Activation activation, Quantization input, Quantization result)
    {
        var table = new byte[byte.MaxValue + 1];
        var (low, high) = Bounds(activation, result);
        for (var value = 0; value < table.Length; value++)
        {
            if (activation.IsClamp)
            {
                table[value] = (byte)Requantize(value, input, result, low, high);
                continue;
            }

            var real = activation.Apply((value - input.ZeroPoint) * (double)input.Scale);
            table[value] = (byte)Place((float)(real / result.Scale), result.ZeroPoint, 0, byte.MaxValue);
        }

        return table;
    }
}

using Subp.Core.Graphs;

namespace Subp.Onnx.Import;

/// <summary>The weights of one output channel as whole multiples of a scale.</summary>
/// <param name="Steps">The multiples.</param>
/// <param name="Scale">The scale.</param>
internal sealed record FilterSteps(sbyte[] Steps, float Scale)
{
    // Of what the layer gives: what subp verify tolerates, and half of it, since what a layer gives is an estimate. A filter of bytes that
    // reach as far as they can stays within the former.
    private const double Tolerated = 1e-4;
    private const double Wanted = 5e-5;

    // The bias of weights that are all 0 is this many steps, of which half of one is not seen.
    private const int StepsOfLoneBias = 1 << 20;

    /// <summary>Finds the multiples; null where a weight is none, or one of more than a byte.</summary>
    public static FilterSteps? Find(ReadOnlySpan<float> values, float scale)
    {
        var steps = new sbyte[values.Length];
        for (var index = 0; index < steps.Length; index++)
        {
            var step = Math.Round((double)values[index] / scale);
            if (!(step is >= sbyte.MinValue and <= sbyte.MaxValue) || (float)step * scale != values[index])
                return null;
            steps[index] = (sbyte)step;
        }

        return new FilterSteps(steps, scale);
    }

    /// <summary>The filter times a number, whose sign goes into the steps; null where a step has no opposite.</summary>
    public FilterSteps? Times(double factor)
    {
        if (factor == 1)
            return this;
        if (factor == 0)
            return this with { Steps = new sbyte[Steps.Length] };
        var scale = (float)(Scale * Math.Abs(factor));
        if (factor > 0)
            return this with { Scale = scale };
        return Array.IndexOf(Steps, sbyte.MinValue) < 0 ? new FilterSteps(Array.ConvertAll(Steps, step => (sbyte)-step), scale) : null;
    }

    /// <summary>
    /// The bias in steps of the sums, and the filter that has these steps: where rounding to them would be seen in the results, weights of
    /// few steps become twice as many of half the scale, which changes none of them, until it is not.
    /// </summary>
    /// <returns>Null where no scale does, or where a sum could leave 32 bits.</returns>
    public (FilterSteps Filter, int Bias)? WithBias(double real, Quantization input)
    {
        long furthest = Math.Max(input.ZeroPoint, byte.MaxValue - input.ZeroPoint);
        var largest = Steps.Max(step => Math.Abs((int)step));
        if (largest == 0 && Rounded(real, Scale, 0, Wanted, input) is not { IsSeen: false })
            return WithLoneBias(real, input);
        // Products of random signs add up to this many steps.
        var reach = furthest * Math.Sqrt(Steps.Sum(step => (double)step * step));
        for (var factor = 1; factor == 1 || factor * largest <= sbyte.MaxValue; factor *= 2)
        {
            var tolerance = 2 * factor * largest > sbyte.MaxValue ? Tolerated : Wanted;
            if (Rounded(real, Scale / factor, factor * reach, tolerance, input) is not { } bias)
                return null;
            if (bias.IsSeen)
                continue;
            var filter = factor == 1 ? this : new FilterSteps(Array.ConvertAll(Steps, step => (sbyte)(step * factor)), Scale / factor);
            var magnitude = filter.Steps.Sum(step => Math.Abs((long)step));
            return Math.Abs(bias.Steps) + (magnitude * furthest) <= int.MaxValue ? (filter, (int)bias.Steps) : null;
        }

        return null;
    }

    // Where all weights are 0 the scale is that of the bias alone.
    private (FilterSteps Filter, int Bias)? WithLoneBias(double real, Quantization input)
    {
        var scale = (float)(Math.Abs(real) / ((double)input.Scale * StepsOfLoneBias));
        return Rounded(real, scale, 0, Wanted, input) is { IsSeen: false } bias && Math.Abs(bias.Steps) <= int.MaxValue
            ? (this with { Scale = scale }, (int)bias.Steps)
            : null;
    }

    private static (double Steps, bool IsSeen)? Rounded(double real, float scale, double reach, double tolerance, Quantization input)
    {
        if (!Quantization.IsScale(scale) || !Quantization.IsScale(input.Scale * scale))
            return null;
        var exact = real / ((double)input.Scale * scale);
        var steps = Math.Round(exact, MidpointRounding.ToEven);
        return double.IsFinite(exact) ? (steps, Math.Abs(exact - steps) > tolerance * (reach + Math.Abs(steps))) : null;
    }
}

using Subp.Compression.Algebra;
using Subp.Compression.Restoration;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Compression.Precision;

/// <summary>A weight at few bits, each filter with its own scale; pruned blocks stay zero and have no say in the scale.</summary>
internal static class RoundedWeight
{
    /// <summary>The fewest bits, which are ternary.</summary>
    public const int FewestBits = 2;

    /// <summary>The most bits.</summary>
    public const int MostBits = 16;

    /// <summary>Requires that all layers have so many bits.</summary>
    /// <param name="bits">By the name of a layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A layer has fewer or more.</exception>
    public static void Require(IReadOnlyDictionary<string, int> bits)
    {
        foreach (var count in bits.Values)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, FewestBits, nameof(bits));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostBits, nameof(bits));
        }
    }

    /// <summary>Rounds a weight [outputs, inputs, taps].</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="pattern">Its blocks, or null.</param>
    /// <param name="bits">The bits.</param>
    /// <param name="isGone">Of a weight without blocks the input channels that are about to go, which have no say in the scale either and
    /// become zero; null for none.</param>
    public static float[] Of(WeightTensor weight, BlockPattern? pattern, int bits, bool[]? isGone = null)
    {
        var width = weight.Values.Length / weight.Shape[0];
        var result = new float[weight.Values.Length];
        for (var output = 0; output < weight.Shape[0]; output++)
        {
            int[] kept = [.. Kept(pattern, isGone, output, width)];
            var filter = new Matrix(1, kept.Length, [.. kept.Select(index => (double)weight.Values[(output * width) + index])]);
            var rounded = bits == FewestBits ? WeightQuantiser.Ternary(filter) : WeightQuantiser.Uniform(filter, bits);
            var step = Step(rounded.Values, bits);
            // Integer times a scale of single precision, rounded once: so a few bits and the scale give back the very same numbers.
            for (var index = 0; index < kept.Length; index++)
                result[(output * width) + kept[index]] = (int)Math.Round(rounded.Values[index] / step) * (float)step;
        }

        return result;
    }

    /// <summary>The bytes of a weight: its kept values packed, and a scale for each filter.</summary>
    public static long Bytes(WeightTensor weight, BlockPattern? pattern, int bits) =>
        StoredBits.BytesOf(KeptValues(weight, pattern), bits) + (sizeof(float) * (long)weight.Shape[0]);

    /// <summary>The values of a weight that are not pruned.</summary>
    public static long KeptValues(WeightTensor weight, BlockPattern? pattern) =>
        pattern is null
            ? weight.Values.Length
            : (long)pattern.KeptBlocks * pattern.BlockLength * (weight.Values.Length / (weight.Shape[0] * pattern.InputChannels));

    // The largest value is the largest integer that the bits hold; a filter of zeros has any step.
    private static double Step(double[] rounded, int bits)
    {
        double reach = 0;
        foreach (var value in rounded)
            reach = Math.Max(reach, Math.Abs(value));
        return reach > 0 ? reach / StoredBits.Largest(bits) : 1;
    }

    private static IEnumerable<int> Kept(BlockPattern? pattern, bool[]? isGone, int output, int width)
    {
        if (pattern is null)
            return Enumerable.Range(0, width).Where(index => isGone is null || !isGone[index / (width / isGone.Length)]);
        var taps = width / pattern.InputChannels;
        return pattern.Kept(output / pattern.BlockLength).SelectMany(channel => Enumerable.Range(channel * taps, taps));
    }
}

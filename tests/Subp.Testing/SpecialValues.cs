using Subp.Core.Graphs;

namespace Subp.Testing;

/// <summary>Inputs in which some numbers are NaN, infinite, denormal or a signed zero.</summary>
public static class SpecialValues
{
    private static readonly float[] s_special =
    [
        float.NaN,
        BitConverter.UInt32BitsToSingle(0x7FC0_1234),
        float.PositiveInfinity,
        float.NegativeInfinity,
        -0f,
        0f,
        1e-40f,
        -float.Epsilon,
        1.17549435e-38f,
    ];

    /// <summary>Random numbers from -1 to 1, one in <paramref name="rarity"/> a special value; the same seed gives the same.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="rarity">How many numbers there are to one special value.</param>
    /// <param name="withLargest">Whether the largest floats are among them, whose sums overflow.</param>
    public static float[] Input(TensorShape shape, int seed, int rarity, bool withLargest = false)
    {
        float[] choice = withLargest ? [.. s_special, float.MaxValue, float.MinValue] : s_special;
        var values = RandomWeights.Input(shape, seed);
        var random = new Random(seed);
        for (var index = 0; index < values.Length; index++)
        {
            if (random.Next(rarity) == 0)
                values[index] = choice[random.Next(choice.Length)];
        }

        return values;
    }
}

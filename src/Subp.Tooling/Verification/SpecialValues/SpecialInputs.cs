using Subp.Core.Graphs;
using Subp.Training.Numerics;

namespace Subp.Tooling.Verification.SpecialValues;

/// <summary>
/// Inputs with numbers that are not ordinary: NaN, infinities, denormals, signed zeros, the largest floats. Rare ones leave most of the
/// first layers finite, where a NaN in the wrong place shows; frequent ones reach every layer.
/// </summary>
internal static class SpecialInputs
{
    private const ulong Seed = 1;

    private static readonly float[] s_small = [-0f, 0f, float.Epsilon, -1e-40f, 1.17549435e-38f];

    private static readonly (int Rarity, float[] Values)[] s_draws =
    [
        (400, [float.NaN, BitConverter.UInt32BitsToSingle(0x7FC0_1234), .. s_small]),
        (400, [float.PositiveInfinity, float.NegativeInfinity, .. s_small]),
        (400, [float.MaxValue, float.MinValue, .. s_small]),
        (4, s_small),
        (20, [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, .. s_small]),
    ];

    /// <summary>
    /// The inputs of a network, the same in every run; each special value of a draw occurs at least once where there is room.
    /// </summary>
    public static IReadOnlyList<float[]> For(TensorShape shape) =>
        [.. s_draws.Select((draw, index) => Draw(shape, draw, Seed + (ulong)index))];

    private static float[] Draw(TensorShape shape, (int Rarity, float[] Values) draw, ulong seed)
    {
        var random = new DeterministicRandom(seed);
        var input = new float[shape.ElementCount];
        for (var index = 0; index < input.Length; index++)
            input[index] = (float)((2 * random.NextDouble()) - 1);
        var count = Math.Max(draw.Values.Length, input.Length / draw.Rarity);
        for (var index = 0; index < count; index++)
            input[random.NextInt32(input.Length)] = draw.Values[index % draw.Values.Length];
        return input;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>A clamp and its derivative, eight lanes at a time.</summary>
internal static class Clamp
{
    /// <summary>min(max(value, minimum), maximum); NaN passes through, so that a diverging training is seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Apply(Vector256<float> value, Vector256<float> minimum, Vector256<float> maximum) =>
        Vector256.Min(Vector256.Max(value, minimum), maximum);

    /// <summary>The gradient where the clamped result lies strictly inside the range, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Gate(
        Vector256<float> gradient,
        Vector256<float> result,
        Vector256<float> minimum,
        Vector256<float> maximum
    ) => gradient & Vector256.GreaterThan(result, minimum) & Vector256.LessThan(result, maximum);
}

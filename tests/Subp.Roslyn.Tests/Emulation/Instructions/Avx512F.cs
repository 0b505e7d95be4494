using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The instructions of AVX-512F that kernels use, with the results the processor gives, by means every processor has.</summary>
internal static unsafe class Avx512F
{
    public static bool IsSupported => System.Runtime.Intrinsics.X86.Avx512F.IsSupported || Switch.IsOn;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadVector512(float* address) => Vector512.Load(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadVector512(int* address) => Vector512.Load(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* address, Vector512<float> source) => source.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> left, Vector512<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FusedMultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
        Vector512.FusedMultiplyAdd(left, right, addend);

    // The second operand where one is NaN or both are zero: what no comparison says of the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> left, Vector512<float> right) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(left, right), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> left, Vector512<float> right) =>
        Vector512.ConditionalSelect(Vector512.LessThan(left, right), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> CompareUnordered(Vector512<float> left, Vector512<float> right) =>
        ~(Vector512.Equals(left, left) & Vector512.Equals(right, right));

    // Only the sign of a lane of the mask counts.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> BlendVariable(Vector512<float> left, Vector512<float> right, Vector512<float> mask) =>
        Vector512.ConditionalSelect((mask.AsInt32() >> 31).AsSingle(), right, left);

    // The instruction reads four bits of each index; Shuffle gives zero for an index out of range.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PermuteVar16x32(Vector512<float> left, Vector512<int> control) =>
        Vector512.Shuffle(left, control & Vector512.Create(15));

    // Five bits of an index: the fifth says which of the two vectors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PermuteVar16x32x2(Vector512<float> lower, Vector512<int> indices, Vector512<float> upper) =>
        Vector512.ConditionalSelect(
            Vector512.Equals(indices & Vector512.Create(16), Vector512<int>.Zero).AsSingle(),
            PermuteVar16x32(lower, indices),
            PermuteVar16x32(upper, indices)
        );

    // Infinite powers first; then a double holds the product of every float and every power that matters, and is rounded once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scale(Vector512<float> left, Vector512<float> right)
    {
        var result = Vector512<float>.Zero;
        for (var lane = 0; lane < Vector512<float>.Count; lane++)
            result = result.WithElement(lane, Scale(left.GetElement(lane), right.GetElement(lane)));
        return result;
    }

    private static float Scale(float value, float power)
    {
        if (float.IsNaN(power))
            return power;
        if (float.IsPositiveInfinity(power))
            return float.IsNaN(value) ? power : value * power;
        if (float.IsNegativeInfinity(power))
            return float.IsNaN(value) ? 0f : value * 0f;
        return (float)System.Math.ScaleB(value, (int)System.Math.Floor(System.Math.Clamp(power, -1000f, 1000f)));
    }
}

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> left, Vector512<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> left, Vector512<int> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Subtract(Vector512<int> left, Vector512<int> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Max(Vector512<int> left, Vector512<int> right) => Vector512.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyLow(Vector512<int> left, Vector512<int> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> PermuteVar16x32(Vector512<int> left, Vector512<int> control) =>
        PermuteVar16x32(left.AsSingle(), control).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ConvertToVector512Single(Vector512<int> value) => Vector512.ConvertToSingle(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ConvertToVector512Int32(Vector512<float> value) =>
        Vector512.Create(Avx.ConvertToVector256Int32(value.GetLower()), Avx.ConvertToVector256Int32(value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ConvertToVector512Int32(Vector128<byte> value)
    {
        var (lower, upper) = Vector128.Widen(value);
        var ((first, second), (third, last)) = (Vector128.Widen(lower), Vector128.Widen(upper));
        return Vector512.Create(Vector256.Create(first, second), Vector256.Create(third, last)).AsInt32();
    }

    // The lowest byte of each integer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ConvertToVector128Byte(Vector512<int> value)
    {
        var bytes = value & Vector512.Create((int)byte.MaxValue);
        var words = Vector256.Narrow(bytes.GetLower(), bytes.GetUpper());
        return Vector128.Narrow(words.GetLower(), words.GetUpper()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ExtractVector128(Vector512<byte> value, byte index)
    {
        var half = (index & 2) == 0 ? value.GetLower() : value.GetUpper();
        return (index & 1) == 0 ? half.GetLower() : half.GetUpper();
    }

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

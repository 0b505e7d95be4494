using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The instructions of AVX that kernels use, with the results the processor gives, by means every processor has.</summary>
internal static unsafe class Avx
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadVector256(float* address) => Vector256.Load(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadVector256(int* address) => Vector256.Load(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> BroadcastScalarToVector256(float* source) => Vector256.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* address, Vector256<float> source) => source.Store(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> left, Vector256<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> left, Vector256<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> left, Vector256<float> right) => left * right;

    // The second operand where one is NaN or both are zero: what no comparison says of the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> left, Vector256<float> right) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(left, right), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> left, Vector256<float> right) =>
        Vector256.ConditionalSelect(Vector256.LessThan(left, right), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Or(Vector256<float> left, Vector256<float> right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> CompareUnordered(Vector256<float> left, Vector256<float> right) =>
        ~(Vector256.Equals(left, left) & Vector256.Equals(right, right));

    // Only the sign of a lane of the mask counts.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> BlendVariable(Vector256<float> left, Vector256<float> right, Vector256<float> mask) =>
        Vector256.ConditionalSelect((mask.AsInt32() >> 31).AsSingle(), right, left);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> left, Vector256<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ConvertToVector256Single(Vector256<int> value) => Vector256.ConvertToSingle(value);

    // To the nearest, halves to the even one; what no integer holds is the least.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ConvertToVector256Int32(Vector256<float> value)
    {
        var rounded = Vector256.Round(value);
        var fits =
            Vector256.GreaterThanOrEqual(rounded, Vector256.Create(-2147483648f))
            & Vector256.LessThan(rounded, Vector256.Create(2147483648f));
        return Vector256.ConditionalSelect(fits.AsInt32(), Vector256.ConvertToInt32(rounded), Vector256.Create(int.MinValue));
    }

    // What the mask leaves out is neither read nor written: it may lie on a page that is not there.
    public static Vector256<float> MaskLoad(float* address, Vector256<float> mask)
    {
        var result = Vector256<float>.Zero;
        for (var lane = 0; lane < Vector256<float>.Count; lane++)
        {
            if (float.IsNegative(mask.GetElement(lane)))
                result = result.WithElement(lane, address[lane]);
        }

        return result;
    }

    public static void MaskStore(float* address, Vector256<float> mask, Vector256<float> source)
    {
        for (var lane = 0; lane < Vector256<float>.Count; lane++)
        {
            if (float.IsNegative(mask.GetElement(lane)))
                address[lane] = source.GetElement(lane);
        }
    }
}

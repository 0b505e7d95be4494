using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The instructions of AVX-512BW that kernels use, with the results the processor gives, by means every processor has.</summary>
internal static class Avx512BW
{
    public static bool IsSupported => System.Runtime.Intrinsics.X86.Avx512BW.IsSupported || Switch.IsOn;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Add(Vector512<short> left, Vector512<short> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Max(Vector512<byte> left, Vector512<byte> right) => Vector512.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> ConvertToVector512Int16(Vector256<byte> value)
    {
        var (lower, upper) = Vector256.Widen(value);
        return Vector512.Create(lower, upper).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> ShiftLeftLogical(Vector512<short> value, byte count) =>
        count > 15 ? Vector512<short>.Zero : value << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> ShiftRightArithmetic(Vector512<short> value, byte count) => value >> (count > 15 ? 15 : count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAddAdjacent(Vector512<short> left, Vector512<short> right) =>
        Vector512.Create(
            Avx2.MultiplyAddAdjacent(left.GetLower(), right.GetLower()),
            Avx2.MultiplyAddAdjacent(left.GetUpper(), right.GetUpper())
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> MultiplyAddAdjacent(Vector512<byte> left, Vector512<sbyte> right) =>
        Vector512.Create(
            Avx2.MultiplyAddAdjacent(left.GetLower(), right.GetLower()),
            Avx2.MultiplyAddAdjacent(left.GetUpper(), right.GetUpper())
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> PackSignedSaturate(Vector512<int> left, Vector512<int> right) =>
        Vector512.Create(
            Avx2.PackSignedSaturate(left.GetLower(), right.GetLower()),
            Avx2.PackSignedSaturate(left.GetUpper(), right.GetUpper())
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> PackUnsignedSaturate(Vector512<short> left, Vector512<short> right) =>
        Vector512.Create(
            Vector256.Create(Quarter(left, right, 0), Quarter(left, right, 1)),
            Vector256.Create(Quarter(left, right, 2), Quarter(left, right, 3))
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Shuffle(Vector512<byte> value, Vector512<byte> mask) =>
        Vector512.Create(Avx2.Shuffle(value.GetLower(), mask.GetLower()), Avx2.Shuffle(value.GetUpper(), mask.GetUpper()));

    private static Vector128<byte> Quarter(Vector512<short> left, Vector512<short> right, byte index) =>
        Sse2.PackUnsignedSaturate(
            Avx512F.ExtractVector128(left.AsByte(), index).AsInt16(),
            Avx512F.ExtractVector128(right.AsByte(), index).AsInt16()
        );
}

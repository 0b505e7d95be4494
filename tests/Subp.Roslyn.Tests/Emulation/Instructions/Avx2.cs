using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The instructions of AVX2 that kernels use, with the results the processor gives, by means every processor has.</summary>
internal static unsafe class Avx2
{
    public static bool IsSupported => System.Runtime.Intrinsics.X86.Avx2.IsSupported || Switch.IsOn;

    // The instruction reads three bits of each index; Shuffle gives zero for an index out of range.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PermuteVar8x32(Vector256<float> left, Vector256<int> control) =>
        Vector256.Shuffle(left, control & Vector256.Create(7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> left, Vector256<int> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Add(Vector256<short> left, Vector256<short> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Subtract(Vector256<int> left, Vector256<int> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Max(Vector256<int> left, Vector256<int> right) => Vector256.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Max(Vector256<byte> left, Vector256<byte> right) => Vector256.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyLow(Vector256<int> left, Vector256<int> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> ShiftLeftLogical(Vector256<short> value, byte count) =>
        count > 15 ? Vector256<short>.Zero : value << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> ShiftRightArithmetic(Vector256<short> value, byte count) => value >> (count > 15 ? 15 : count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ConvertToVector256Int32(byte* address)
    {
        var (lower, _) = Vector128.Widen(Vector128.CreateScalar(*(ulong*)address).AsByte());
        var (first, last) = Vector128.Widen(lower);
        return Vector256.Create(first, last).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> ConvertToVector256Int16(byte* address) => ConvertToVector256Int16(Vector128.Load(address));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> ConvertToVector256Int16(Vector128<byte> value)
    {
        var (lower, upper) = Vector128.Widen(value);
        return Vector256.Create(lower, upper).AsInt16();
    }

    // A pair of 16 bits is a lane of 32: its first number is brought to the top and down again, which keeps the sign.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAddAdjacent(Vector256<short> left, Vector256<short> right) =>
        (First(left.AsInt32()) * First(right.AsInt32())) + ((left.AsInt32() >> 16) * (right.AsInt32() >> 16));

    // Products fit into 16 bits and their sum need not: where both have the sign that the sum has not, it is the nearer end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyAddAdjacent(Vector256<byte> left, Vector256<sbyte> right)
    {
        var (a, b) = (left.AsInt16(), right.AsInt16());
        var first = (a & Vector256.Create((short)byte.MaxValue)) * ((b << 8) >> 8);
        var second = (a.AsUInt16() >> 8).AsInt16() * (b >> 8);
        var sum = first + second;
        var hasOverflow = ((first ^ sum) & (second ^ sum)) >> 15;
        return Vector256.ConditionalSelect(hasOverflow, (first >> 15) ^ Vector256.Create(short.MaxValue), sum);
    }

    // Each half of 128 bits by itself, as the instruction does.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> PackSignedSaturate(Vector256<int> left, Vector256<int> right) =>
        Vector256.Create(Packed(left.GetLower(), right.GetLower()), Packed(left.GetUpper(), right.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Permute4x64(Vector256<long> value, byte control) =>
        Vector256.Create(
            value.GetElement(control & 3),
            value.GetElement((control >> 2) & 3),
            value.GetElement((control >> 4) & 3),
            value.GetElement(control >> 6)
        );

    // Four bits of an index, within each half of 128 bits; the highest bit gives zero, as does an index out of range of Shuffle.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Shuffle(Vector256<byte> value, Vector256<byte> mask)
    {
        var indices = mask & Vector256.Create((byte)0x8F);
        return Vector256.Create(
            Vector128.Shuffle(value.GetLower(), indices.GetLower()),
            Vector128.Shuffle(value.GetUpper(), indices.GetUpper())
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> PackUnsignedSaturate(Vector256<short> left, Vector256<short> right) =>
        Vector256.Create(Bytes(left.GetLower(), right.GetLower()), Bytes(left.GetUpper(), right.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> PermuteVar8x32(Vector256<int> left, Vector256<int> control) =>
        Vector256.Shuffle(left, control & Vector256.Create(7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> UnpackLow(Vector256<byte> left, Vector256<byte> right) =>
        Vector256.Create(Interleaved(left.GetLower(), right.GetLower(), 0), Interleaved(left.GetUpper(), right.GetUpper(), 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> UnpackHigh(Vector256<byte> left, Vector256<byte> right) =>
        Vector256.Create(Interleaved(left.GetLower(), right.GetLower(), 8), Interleaved(left.GetUpper(), right.GetUpper(), 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> UnpackLow(Vector256<short> left, Vector256<short> right) =>
        Vector256.Create(Interleaved(left.GetLower(), right.GetLower(), 0), Interleaved(left.GetUpper(), right.GetUpper(), 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> UnpackHigh(Vector256<short> left, Vector256<short> right) =>
        Vector256.Create(Interleaved(left.GetLower(), right.GetLower(), 4), Interleaved(left.GetUpper(), right.GetUpper(), 4));

    // Half of the elements of each, from the first of that half on: low bytes of pairs of 16 bits from the left, high ones from the right.
    private static Vector128<byte> Interleaved(Vector128<byte> left, Vector128<byte> right, byte first)
    {
        var places = Vector128.Create((byte)0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7) + Vector128.Create(first);
        var isLeft = Vector128.Create((short)byte.MaxValue).AsByte();
        return Vector128.ConditionalSelect(isLeft, Vector128.Shuffle(left, places), Vector128.Shuffle(right, places));
    }

    private static Vector128<short> Interleaved(Vector128<short> left, Vector128<short> right, short first)
    {
        var places = Vector128.Create((short)0, 0, 1, 1, 2, 2, 3, 3) + Vector128.Create(first);
        var isLeft = Vector128.Create((int)ushort.MaxValue).AsInt16();
        return Vector128.ConditionalSelect(isLeft, Vector128.Shuffle(left, places), Vector128.Shuffle(right, places));
    }

    private static Vector128<byte> Bytes(Vector128<short> left, Vector128<short> right) =>
        Vector128.Narrow(Unsigned(left).AsUInt16(), Unsigned(right).AsUInt16());

    private static Vector128<short> Unsigned(Vector128<short> value) =>
        Vector128.Min(Vector128.Max(value, Vector128<short>.Zero), Vector128.Create((short)byte.MaxValue));

    private static Vector256<int> First(Vector256<int> pairs) => (pairs << 16) >> 16;

    private static Vector128<short> Packed(Vector128<int> left, Vector128<int> right) => Vector128.Narrow(Clamped(left), Clamped(right));

    private static Vector128<int> Clamped(Vector128<int> value) =>
        Vector128.Min(Vector128.Max(value, Vector128.Create((int)short.MinValue)), Vector128.Create((int)short.MaxValue));
}

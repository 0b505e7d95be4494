using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The sums of four products of bytes of AVX-VNNI, exact and without saturation, by means every processor has.</summary>
internal static class AvxVnni
{
    public static bool IsSupported => System.Runtime.Intrinsics.X86.AvxVnni.IsSupported || Switch.IsOn;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyWideningAndAdd(Vector256<int> addend, Vector256<byte> left, Vector256<sbyte> right)
    {
        var sums = addend;
        for (var shift = 0; shift < 32; shift += 8)
        {
            // One byte of each lane of 32 bits, without its sign on the left and with it on the right.
            var unsigned = ((left.AsUInt32() >> shift) & Vector256.Create(255u)).AsInt32();
            var signed = (right.AsInt32() << (24 - shift)) >> 24;
            sums += unsigned * signed;
        }

        return sums;
    }
}

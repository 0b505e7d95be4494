using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The instruction of AVX-512 VBMI that kernels use, with the result the processor gives, by means every processor has.</summary>
internal static class Avx512Vbmi
{
    public static bool IsSupported => System.Runtime.Intrinsics.X86.Avx512Vbmi.IsSupported || Switch.IsOn;

    // The instruction reads six bits of each index; Shuffle gives zero for an index out of range.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> PermuteVar64x8(Vector512<byte> left, Vector512<byte> control) =>
        Vector512.Shuffle(left, control & Vector512.Create((byte)63));
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The instructions of AVX2 that kernels use, with the results the processor gives, by means every processor has.</summary>
internal static class Avx2
{
    public static bool IsSupported => System.Runtime.Intrinsics.X86.Avx2.IsSupported || Switch.IsOn;

    // The instruction reads three bits of each index; Shuffle gives zero for an index out of range.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PermuteVar8x32(Vector256<float> left, Vector256<int> control) =>
        Vector256.Shuffle(left, control & Vector256.Create(7));
}

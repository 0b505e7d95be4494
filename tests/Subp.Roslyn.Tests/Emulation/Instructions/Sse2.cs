using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The instruction of SSE2 that kernels use, with the result the processor gives, by means every processor has.</summary>
internal static class Sse2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PackUnsignedSaturate(Vector128<short> left, Vector128<short> right) =>
        Vector128.Narrow(Clamped(left), Clamped(right)).AsByte();

    private static Vector128<short> Clamped(Vector128<short> value) =>
        Vector128.Min(Vector128.Max(value, Vector128<short>.Zero), Vector128.Create((short)byte.MaxValue));
}

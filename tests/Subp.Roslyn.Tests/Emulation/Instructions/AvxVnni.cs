using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>The sums of four products of bytes of AVX-VNNI, exact and without saturation, by means every processor has.</summary>
internal static class AvxVnni
{
    public static bool IsSupported => System.Runtime.Intrinsics.X86.AvxVnni.IsSupported || Switch.IsOn;

    public static Vector256<int> MultiplyWideningAndAdd(Vector256<int> addend, Vector256<byte> left, Vector256<sbyte> right)
    {
        var sums = addend;
        for (var lane = 0; lane < Vector256<int>.Count; lane++)
        {
            var sum = addend.GetElement(lane);
            for (var index = 4 * lane; index < (4 * lane) + 4; index++)
                sum = unchecked(sum + (left.GetElement(index) * right.GetElement(index)));
            sums = sums.WithElement(lane, sum);
        }

        return sums;
    }
}

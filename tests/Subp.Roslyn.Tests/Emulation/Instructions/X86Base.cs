using Native = System.Runtime.Intrinsics.X86.X86Base;

namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>
/// A processor of the other vendor: AMD's where this one is not AMD's, else Intel's. Kernels ask who made the processor where the same
/// instructions are fast on one and slow on the other.
/// </summary>
internal static class X86Base
{
    // The last four letters of "AuthenticAMD" and of "GenuineIntel", the first in the lowest byte.
    private const int Amd = 0x444D4163,
        Intel = 0x6C65746E;

    public static bool IsSupported => true;

    public static (int Eax, int Ebx, int Ecx, int Edx) CpuId(int functionId, int subFunctionId) =>
        (functionId, 0, Native.IsSupported && Native.CpuId(functionId, subFunctionId).Ecx == Amd ? Intel : Amd, subFunctionId);
}

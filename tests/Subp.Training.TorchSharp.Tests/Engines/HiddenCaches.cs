using System.Runtime.Intrinsics.X86;

namespace Subp.Training.TorchSharp.Tests.Engines;

/// <summary>
/// Virtual machines that hide the caches of their processor. On one with Zen 5 cores libtorch 2.10 gave NaN and other sums from one run to
/// the next where pixels lie plane by plane, with any instruction set and with one thread; on machines that describe their caches it never
/// did. What the two engines have to agree in says nothing about either of them there.
/// </summary>
internal static class HiddenCaches
{
    private const int CacheTopology = unchecked((int)0x8000001D);
    private const int AuthenticAmdFirst = 0x68747541;
    private const int CacheTypeBits = 31;

    /// <summary>True where an AMD processor has no first cache to tell of.</summary>
    public static bool AreHere { get; } =
        X86Base.IsSupported
        && X86Base.CpuId(0, 0).Ebx == AuthenticAmdFirst
        && (X86Base.CpuId(CacheTopology, 0).Eax & CacheTypeBits) == 0;
}

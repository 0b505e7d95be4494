using System.Runtime.Intrinsics.X86;

namespace Subp.Tooling.Calibration;

/// <summary>The data caches of a core, as the processor describes them.</summary>
/// <param name="FirstLevelBytes">The first level.</param>
/// <param name="SecondLevelBytes">The second level.</param>
/// <param name="ThirdLevelBytes">The last one before memory.</param>
internal sealed record CacheSizes(int FirstLevelBytes, int SecondLevelBytes, int ThirdLevelBytes)
{
    // The leaves of deterministic cache parameters of Intel and of AMD have the same fields.
    private const int IntelLeaf = 4,
        AmdLeaf = unchecked((int)0x8000001D),
        MostCaches = 16;

    /// <summary>The caches of this processor, or null where it does not tell.</summary>
    public static CacheSizes? Read()
    {
        if (!X86Base.IsSupported)
            return null;
        foreach (var leaf in new[] { IntelLeaf, AmdLeaf })
        {
            // A leaf beyond the last one answers with what another one has.
            if (unchecked((uint)X86Base.CpuId(leaf & int.MinValue, 0).Eax) < unchecked((uint)leaf))
                continue;
            var (first, second) = (Size(leaf, level: 1), Size(leaf, level: 2));
            if (first > 0 && second > 0)
                // Where there is no third level, memory is behind the second.
                return new CacheSizes(first, second, Math.Max(second, Size(leaf, level: 3)));
        }

        return null;
    }

    private static int Size(int leaf, int level)
    {
        for (var index = 0; index < MostCaches; index++)
        {
            var (eax, ebx, ecx, _) = X86Base.CpuId(leaf, index);
            var type = eax & 0x1F;
            if (type == 0)
                return 0;
            // 1 is a cache of data, 3 a cache of data and instructions.
            if (type is not (1 or 3) || ((eax >> 5) & 7) != level)
                continue;
            var ways = ((ebx >> 22) & 0x3FF) + 1;
            var partitions = ((ebx >> 12) & 0x3FF) + 1;
            var lineBytes = (ebx & 0xFFF) + 1;
            return ways * partitions * lineBytes * (ecx + 1);
        }

        return 0;
    }
}

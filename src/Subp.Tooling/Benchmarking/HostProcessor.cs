using System.Runtime.Intrinsics.X86;
using Subp.Compiler;

namespace Subp.Tooling.Benchmarking;

/// <summary>What the processor has that this tool runs on, of what kernels are emitted for.</summary>
internal static class HostProcessor
{
    // Leaf 7 of CPUID: AVX-512 VNNI is bit 11 of ECX, AVX-VNNI is bit 4 of EAX of its first sub-leaf.
    private const int FeatureLeaf = 7;

    /// <summary>The instruction sets, best first.</summary>
    public static IReadOnlyList<InstructionSet> InstructionSets { get; } =
    [
        .. Enum.GetValues<InstructionSet>()
            .Where(set =>
                set switch
                {
                    InstructionSet.Avx512 => Avx512F.IsSupported,
                    InstructionSet.Avx2 => Avx2.IsSupported && Fma.IsSupported,
                    _ => true,
                }
            )
            .Order(),
    ];

    /// <summary>
    /// Whether other runtimes add products of bytes exactly: without an instruction for it they add pairs of them in 16 bits, which
    /// saturate.
    /// </summary>
    public static bool HasVnni { get; } =
        X86Base.IsSupported
        && ((X86Base.CpuId(FeatureLeaf, 0).Ecx & (1 << 11)) != 0 || (X86Base.CpuId(FeatureLeaf, 1).Eax & (1 << 4)) != 0);

    /// <summary>
    /// The best of the instruction sets that a network is compiled for, as its sessions choose. Where this processor has none of those that
    /// were asked for, it is the first of them, for a prediction of another processor.
    /// </summary>
    /// <param name="compiled">The instruction sets, best first; the portable one is always among them.</param>
    public static InstructionSet BestOf(IReadOnlyList<InstructionSet> compiled)
    {
        var best = compiled.First(InstructionSets.Contains);
        return best == InstructionSet.Portable ? compiled[0] : best;
    }
}

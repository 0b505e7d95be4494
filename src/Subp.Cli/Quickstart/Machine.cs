using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Subp.Training.Runs;

namespace Subp.Cli.Quickstart;

/// <summary>Names the machine that figures were measured on.</summary>
internal static class Machine
{
    /// <summary>Processor, how many of them, best instruction set and runtime, as far as they are known.</summary>
    public static string Describe()
    {
        var set =
            Avx512F.IsSupported ? "AVX-512"
            : Avx2.IsSupported && Fma.IsSupported ? "AVX2"
            : RuntimeInformation.ProcessArchitecture.ToString();
        var noun = Environment.ProcessorCount == 1 ? "processor" : "processors";
        return $"{ProcessorName.Current}, {Environment.ProcessorCount} {noun} with {set}, {RuntimeInformation.FrameworkDescription}";
    }
}

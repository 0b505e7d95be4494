using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Subp.Cli.Quickstart;

/// <summary>Names the machine that figures were measured on.</summary>
internal static class Machine
{
    private const string CpuInfo = "/proc/cpuinfo";

    /// <summary>Processor, how many of them, best instruction set and runtime, as far as they are known.</summary>
    public static string Describe()
    {
        var set =
            Avx512F.IsSupported ? "AVX-512"
            : Avx2.IsSupported && Fma.IsSupported ? "AVX2"
            : RuntimeInformation.ProcessArchitecture.ToString();
        return $"{Processor()}, {Environment.ProcessorCount} {(Environment.ProcessorCount == 1 ? "processor" : "processors")} with "
            + $"{set}, {RuntimeInformation.FrameworkDescription}";
    }

    private static string Processor()
    {
        var line = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.OSDescription;
    }
}

using System.Runtime.InteropServices;
using Subp.Compiler;
using Subp.Tooling.Benchmarking;
using Subp.Training.Runs;

namespace Subp.Cli.Quickstart;

/// <summary>Names the machine that figures were measured on.</summary>
internal static class Machine
{
    /// <summary>Processor, how many of them, best instruction set and runtime, as far as they are known.</summary>
    public static string Describe()
    {
        var set = HostProcessor.InstructionSets[0] switch
        {
            InstructionSet.Avx512 => "AVX-512",
            InstructionSet.Avx2 => "AVX2",
            _ => RuntimeInformation.ProcessArchitecture.ToString(),
        };
        var noun = Environment.ProcessorCount == 1 ? "processor" : "processors";
        return $"{ProcessorName.Current}, {Environment.ProcessorCount} {noun} with {set}, {RuntimeInformation.FrameworkDescription}";
    }
}

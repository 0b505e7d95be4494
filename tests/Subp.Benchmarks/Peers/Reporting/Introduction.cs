using System.Runtime.InteropServices;

namespace Subp.Benchmarks.Peers.Reporting;

/// <summary>What a page says before its first section.</summary>
internal static class Introduction
{
    /// <summary>The text.</summary>
    public static string Of(Processor processor) =>
        $"""
            # Against other libraries: {processor.Name}

            | | |
            | --- | --- |
            | processor | {processor.Name}, {processor.Count} {(
                processor.Count == 1 ? "processor" : "processors"
            )}, {Processor.InstructionSet} |
            | caches of one | {processor.Caches} |
            | system | {System()}, {RuntimeInformation.FrameworkDescription} |

            Written by `dotnet run -c Release --project tests/Subp.Benchmarks -- peers`; `eng/get-peers` installs the other libraries.
            float32, batch 1, the same weights and the same input for everyone; outputs are compared before times are, and a contender whose
            output differs by more than 1e-4 of the largest has no times. Contenders take turns in every round, so that noise hits all
            alike. The time of a turn is the fastest of its runs, the figure that of the rounds which the section names, and +- half the
            distance between the slow and the fast tenth of the rounds. Goals are those of the project; within 5 % of one counts as met.

            """;

    // The version of the kernel says nothing about the figures and would make pages differ.
    private static string System() =>
        OperatingSystem.IsLinux() ? "Linux"
        : OperatingSystem.IsWindows() ? "Windows"
        : OperatingSystem.IsMacOS() ? "macOS"
        : RuntimeInformation.OSDescription;
}

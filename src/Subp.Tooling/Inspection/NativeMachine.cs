using Subp.Compiler.Planning.Costs;
using Subp.Core.Diagnostics;
using Subp.Training.Runs;

namespace Subp.Tooling.Inspection;

/// <summary>The shipped description that fits the processor at hand.</summary>
internal static class NativeMachine
{
    /// <summary>The description of this processor's generation, or null where none is shipped.</summary>
    public static MachineDescription? Current => Of(ProcessorName.CurrentGeneration);

    /// <summary>The description of a generation; "Zen 5" is described by "zen5", "Cascade Lake" by "cascade-lake".</summary>
    /// <param name="generation">A generation as <see cref="ProcessorName.Generation"/> names it, or null.</param>
    public static MachineDescription? Of(string? generation) =>
        MachineDescription.Known.FirstOrDefault(machine => generation is not null && Letters(machine.Name) == Letters(generation));

    /// <summary>The description of this processor.</summary>
    /// <exception cref="SubpException">SUBP0801: none is shipped.</exception>
    public static MachineDescription Require() =>
        Current
        ?? throw new SubpException(
            DiagnosticDescriptors.Usage,
            "--machine",
            $"'native' on {ProcessorName.Current}",
            $"a processor of a shipped description: {string.Join(", ", MachineDescription.Known.Select(machine => machine.Name))}",
            "Measure this one with subp calibrate, and name the file that it writes."
        );

    private static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}

namespace Subp.Compiler.Emission.Runtime;

/// <summary>The instruction sets that are really emitted: those of the options, best first, and the portable one always.</summary>
internal static class EmittedSets
{
    /// <summary>The sets, best first, each once.</summary>
    public static IReadOnlyList<InstructionSet> Of(CompileOptions options) =>
        [.. options.InstructionSets.Append(InstructionSet.Portable).Distinct().OrderBy(instructionSet => (int)instructionSet)];
}

namespace Subp.Compiler;

/// <summary>Instruction sets as text.</summary>
internal static class InstructionSetText
{
    /// <summary>The word of an instruction set on the command line, in hints and in kernel names.</summary>
    public static string Word(this InstructionSet set) =>
        set switch
        {
            InstructionSet.Avx512 => "avx512",
            InstructionSet.Avx2 => "avx2",
            _ => "portable",
        };
}

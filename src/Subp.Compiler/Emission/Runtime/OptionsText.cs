using Subp.Compiler.Planning.Costs;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>The compile options as command-line text, for the header of every file and the metadata of the model.</summary>
internal static class OptionsText
{
    /// <summary>The options that shape the code, in a fixed order: <c>--isa avx512,avx2,portable --threads 1,2 --unroll auto</c>.</summary>
    public static string Of(CompileOptions options) =>
        "--isa "
        + string.Join(",", options.InstructionSets.Select(set => set.Word()))
        + " --threads "
        + string.Join(",", options.ThreadCounts.Select(count => CSharpText.Number(count)))
        + " --unroll "
        + Word(options.Unroll)
        + (options.Precise ? " --precise" : "")
        + (options.Machine.Name == MachineDescription.Standard.Name ? "" : " --machine " + options.Machine.Name)
        + (options.Weights == WeightsLocation.File ? " --weights-location file" : "");

    private static string Word(UnrollMode unroll) =>
        unroll switch
        {
            UnrollMode.Full => "full",
            UnrollMode.Taps => "taps",
            UnrollMode.Never => "never",
            _ => "auto",
        };
}

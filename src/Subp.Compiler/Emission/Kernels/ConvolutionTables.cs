using System.Text;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning.Convolutions;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>The static tables of a convolution: for each kept block the distance of its input channel, and where the blocks of a group start.</summary>
internal static class ConvolutionTables
{
    /// <summary>True where the kernel reads its channels from a table.</summary>
    public static bool NeedsOffsets(ConvolutionPlan plan) => plan.Form is ConvolutionForm.TapUnrolled or ConvolutionForm.Table;

    /// <summary>A table as a pointer; constant data lies in the image and never moves.</summary>
    public static string Pointer(ConvolutionPlan plan, string table) =>
        $"(int*)Unsafe.AsPointer(ref MemoryMarshal.GetReference({plan.MethodStem}_{table}))";

    /// <summary>Writes the tables, one group a line.</summary>
    public static void Write(CSharpWriter writer, ConvolutionPlan plan)
    {
        if (!NeedsOffsets(plan))
            return;
        var input = plan.Inputs[0]!;
        var pattern = plan.Pattern;
        writer.Line($"/// <summary>{plan.Node.Name.Replace("&", "&amp;").Replace("<", "&lt;")}: the distance in floats from channel 0 to the input channel of each kept block, one line per group.</summary>");
        using (writer.Block($"private static ReadOnlySpan<int> {plan.MethodStem}_Offsets =>", "];", opening: "["))
        {
            var line = new StringBuilder();
            for (var group = 0; group < pattern.Groups; group++)
            {
                line.Clear();
                foreach (var channel in pattern.Kept(group))
                    line.Append(line.Length == 0 ? "" : " ").Append(CSharpText.Number(input.ChannelOffset(channel))).Append(',');
                writer.Line(line.ToString());
            }
        }

        writer.Line();
        if (pattern.IsUniform)
            return;
        writer.Line("/// <summary>The first block of each group, and the number of blocks at the end.</summary>");
        writer.Line($"private static ReadOnlySpan<int> {plan.MethodStem}_Starts => [{string.Join(", ",
            Enumerable.Range(0, pattern.Groups + 1).Select(group => Invariant($"{pattern.FirstBlock(group)}")))}];");
        writer.Line();
    }
}

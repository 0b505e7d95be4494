using System.Text;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Core.Sparsity;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// The static tables of a block pattern: for each kept block the distance of its input channel, and where the blocks of a group start.
/// </summary>
internal static class PatternTables
{
    /// <summary>A table as a pointer; constant data lies in the image and never moves.</summary>
    public static string Pointer(LayerPlan plan, string table) =>
        $"(int*)Runtime::Unsafe.AsPointer(ref Interop::MemoryMarshal.GetReference({plan.MethodStem}_{table}))";

    /// <summary>Writes the tables of a layer, one group a line.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="plan">The layer.</param>
    /// <param name="pattern">The kept blocks; the groups of a full pattern may share one line.</param>
    /// <param name="lines">The number of groups to write: all, or one that all share.</param>
    /// <param name="offset">The distance of an input channel.</param>
    public static void Write(CSharpWriter writer, LayerPlan plan, BlockPattern pattern, int lines, Func<int, int> offset)
    {
        var extent = lines < pattern.Groups ? "every group reads all" : "one line per group";
        writer.Line(
            $"/// <summary>{CSharpText.Documentation(plan.Node.Name)}: the distance in floats from channel 0 to the input channel of "
                + $"each kept block, {extent}.</summary>"
        );
        using (writer.Block($"private static System::ReadOnlySpan<int> {plan.MethodStem}_Offsets =>", "];", opening: "["))
        {
            var line = new StringBuilder();
            for (var group = 0; group < lines; group++)
            {
                line.Clear();
                foreach (var channel in pattern.Kept(group))
                    line.Append(line.Length == 0 ? "" : " ").Append(CSharpText.Number(offset(channel))).Append(',');
                writer.Line(line.ToString());
            }

            writer.Line("0, // Kernels look up a block while they compute the one before: behind the last one there is this.");
        }

        writer.Line();
        if (pattern.IsUniform)
            return;
        writer.Line("/// <summary>The first block of each group, and the number of blocks at the end.</summary>");
        writer.Line(
            $"private static System::ReadOnlySpan<int> {plan.MethodStem}_Starts => [{string.Join(", ",
            Enumerable.Range(0, pattern.Groups + 1).Select(group => Invariant($"{pattern.FirstBlock(group)}")))}];"
        );
        writer.Line();
    }
}

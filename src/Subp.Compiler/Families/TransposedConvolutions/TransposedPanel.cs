using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Loops;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>Writes the method that puts together what the taps of a stretch of cells read, with zeros where the input ends.</summary>
internal sealed class TransposedPanel(CSharpWriter writer, TransposedConvolutionPlan plan, VectorDialect vectors)
{
    /// <summary>The method.</summary>
    public static string NameOf(TransposedConvolutionPlan plan) => plan.MethodStem + "_Panel";

    /// <summary>Writes the method.</summary>
    public void Write()
    {
        var (cells, input) = (plan.Cells, plan.Input);
        using (
            KernelText.Method(
                writer,
                "Puts together the rows of the input that some rows of cells read, with zeros where the input ends.",
                $"private static void {NameOf(plan)}(float* input, float* panel, int top, int rows)"
            )
        )
        {
            using (
                writer.Block(
                    $"for (int channel = 0; channel < {plan.PerGroup.Inputs}; channel++, input += {input.Height * input.Width}, "
                        + $"panel += {plan.ChannelStride})"
                )
            )
            {
                writer.Line("float* target = panel;");
                using (writer.Block($"for (int row = 0; row < rows + {cells.FurtherRows}; row++, target += {cells.Pitch})"))
                    WriteRow();
                if (cells.Reach > 0)
                    writer.Line(
                        "// The last columns of the last row read zeros behind it, as those of the others read zeros of the next row."
                    );
                WriteZeros(0, cells.Reach);
            }
        }

        writer.Line();
    }

    private void WriteRow()
    {
        var (cells, input) = (plan.Cells, plan.Input);
        writer.Line($"int y = {KernelText.Offset("top + row", cells.FirstRow)};");
        using (writer.Block($"if (y < 0 || y >= {input.Height})"))
        {
            writer.Line($"new System::Span<float>(target, {cells.Pitch}).Clear();");
            writer.Line("continue;");
        }

        var (before, from) = (Math.Max(0, -cells.FirstColumn), Math.Max(0, cells.FirstColumn));
        var count = Math.Max(0, input.Width - from);
        WriteZeros(0, before);
        WriteZeros(before + count, cells.Pitch);
        if (count == 0)
            return;
        writer.Line($"float* source = input + {KernelText.Offset($"y * {input.Width}", from)};");
        var place = KernelText.Offset("target", before);
        RunWriter.Write(writer, vectors, Invariant($"{count}"), 1, vector => writer.Line(vector.Store(place, vector.Load("source"))));
    }

    private void WriteZeros(int from, int to)
    {
        for (var column = from; column < to && to - from <= vectors.Lanes; column++)
            writer.Line($"target[{column}] = 0;");
        if (to - from > vectors.Lanes)
            writer.Line($"new System::Span<float>({KernelText.Offset("target", from)}, {to - from}).Clear();");
    }
}

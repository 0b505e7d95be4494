using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.WindowCopies;

/// <summary>
/// Writes spatial slices, paddings and enlargements: whole pixels of 16 channels are copied row by row, what lies outside the input is a
/// constant.
/// </summary>
internal static class WindowCopyWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, WindowCopyPlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        using (
            KernelText.Method(
                writer,
                Invariant(
                    $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(input.Shape)} to {output.Height} x {output.Width}."
                ),
                $"internal static void {plan.MethodStem}(float* input, float* output, {KernelText.RangeParameters})"
            )
        )
        {
            BlockLoops.Write(
                writer,
                output,
                () =>
                {
                    if (plan.Repeat == Extent.One)
                        WriteWindow(writer, plan, vectors);
                    else
                        WriteRepeats(writer, plan, vectors);
                }
            );
            KernelText.ClearHalo(writer, plan.HaloToClear, ("range.GroupFrom", "range.GroupTo"), 1);
        }

        writer.Line();
    }

    private static void WriteWindow(CSharpWriter writer, WindowCopyPlan plan, VectorDialect vectors)
    {
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        // The columns of the output whose source lies in the input; all between them do too.
        var columns = Enumerable
            .Range(0, output.Width)
            .Where(column => Inside((column * plan.Step.Width) + plan.Begin.Width, input.Width))
            .ToArray();
        var (from, to) = columns.Length == 0 ? (output.Width, output.Width) : (columns[0], columns[columns.Length - 1] + 1);
        var allRows = Enumerable.Range(0, output.Height).All(row => Inside((row * plan.Step.Height) + plan.Begin.Height, input.Height));
        writer.Line($"int line = {KernelText.Offset(KernelText.Scaled("row", plan.Step.Height), plan.Begin.Height)};");
        writer.Line($"float* target = {BlockLoops.Row("output", output)};");
        if (!allRows)
        {
            using (writer.Block($"if (line < 0 || line >= {input.Height})"))
            {
                WriteFill(writer, plan, 0, output.Width);
                writer.Line("continue;");
            }
        }

        writer.Line($"float* source = {BlockLoops.Row("input", input, "line")};");
        WriteFill(writer, plan, 0, from);
        WriteCopy(writer, plan, vectors, from, to);
        WriteFill(writer, plan, to, output.Width);
    }

    // A pixel is loaded once and stored as often as it is repeated in the row.
    private static void WriteRepeats(CSharpWriter writer, WindowCopyPlan plan, VectorDialect vectors)
    {
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        writer.Line(plan.Repeat.Height == 1 ? "int line = row;" : Invariant($"int line = row / {plan.Repeat.Height};"));
        writer.Line($"float* target = {BlockLoops.Row("output", output)};");
        writer.Line($"float* source = {BlockLoops.Row("input", input, "line")};");
        using (writer.Block(Invariant($"for (int column = 0; column < {input.Width}; column++)")))
        {
            BlockLoops.WriteLanes(
                writer,
                vectors,
                lane =>
                {
                    writer.Line($"{vectors.Type} pixel = {vectors.Load($"source + column * 16{lane}")};");
                    for (var time = 0; time < plan.Repeat.Width; time++)
                    {
                        var place = KernelText.Offset(Invariant($"target + column * {plan.Repeat.Width * 16}"), time * 16) + lane;
                        writer.Line(vectors.Store(place, "pixel"));
                    }
                }
            );
        }
    }

    private static void WriteCopy(CSharpWriter writer, WindowCopyPlan plan, VectorDialect vectors, int from, int to)
    {
        if (from == to)
            return;
        var first = (from * plan.Step.Width) + plan.Begin.Width;
        if (plan.Step.Width == 1)
        {
            writer.Line(
                $"new System::ReadOnlySpan<float>({KernelText.Offset("source", first * 16)}, {(to - from) * 16}).CopyTo(new "
                    + $"System::Span<float>({KernelText.Offset("target", from * 16)}, {(to - from) * 16}));"
            );
            return;
        }

        using (writer.Block($"for (int column = {from}; column < {to}; column++)"))
        {
            BlockLoops.WriteLanes(
                writer,
                vectors,
                lane =>
                    writer.Line(
                        vectors.Store(
                            $"target + column * 16{lane}",
                            vectors.Load(
                                KernelText.Offset(Invariant($"source + column * {plan.Step.Width * 16}"), plan.Begin.Width * 16) + lane
                            )
                        )
                    )
            );
        }
    }

    private static void WriteFill(CSharpWriter writer, WindowCopyPlan plan, int from, int to)
    {
        if (from < to)
            writer.Line(
                $"new System::Span<float>({KernelText.Offset("target", from * 16)}, {(to - from) * 16}).Fill({CSharpText.Literal(plan.Value)});"
            );
    }

    private static bool Inside(int index, int extent) => index >= 0 && index < extent;
}

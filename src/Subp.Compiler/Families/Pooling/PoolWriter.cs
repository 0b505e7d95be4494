using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Pooling;

/// <summary>
/// Writes maximum and average pooling. Windows are cut at the edge of the image, so no halo is read and padding never wins.
/// </summary>
internal static class PoolWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, PoolPlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var window = plan.Pool.Window;
        var isMaximum = plan.Pool.Kind == PoolKind.Maximum;
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(input.Shape)} to {output.Height} x {output.Width}.",
                $"internal static void {plan.MethodStem}(float* input, float* output, {KernelText.RangeParameters})"
            )
        )
        {
            BlockLoops.Write(
                writer,
                output,
                () =>
                {
                    if (MaximumWindowWriter.Fits(plan))
                    {
                        MaximumWindowWriter.Write(writer, plan, vectors);
                        return;
                    }

                    WriteRange(
                        writer,
                        "Row",
                        "row",
                        window.Stride.Height,
                        window.Padding.Top,
                        window.Kernel.Height,
                        window.Dilation.Height,
                        input.Height
                    );
                    writer.Line($"float* source = {BlockLoops.Row("input", input, "top")};");
                    writer.Line($"float* target = {BlockLoops.Row("output", output)};");
                    using (writer.Block($"for (int column = 0; column < {output.Width}; column++)"))
                    {
                        WriteRange(
                            writer,
                            "Column",
                            "column",
                            window.Stride.Width,
                            window.Padding.Left,
                            window.Kernel.Width,
                            window.Dilation.Width,
                            input.Width
                        );
                        if (!isMaximum)
                            writer.Line($"float share = 1f / {Divisor(plan)};");

                        BlockLoops.WriteLanes(
                            writer,
                            vectors,
                            lane =>
                            {
                                writer.Line(
                                    $"{vectors.Type} result = {(isMaximum ? vectors.Constant("float.NegativeInfinity") : vectors.Zero)};"
                                );
                                using (writer.Block("for (int kernelRow = kernelRowFrom; kernelRow < kernelRowTo; kernelRow++)"))
                                {
                                    writer.Line(
                                        $"float* pixels = source + kernelRow * {window.Dilation.Height * input.RowPitch} + left * 16{lane};"
                                    );
                                    using (
                                        writer.Block(
                                            "for (int kernelColumn = kernelColumnFrom; kernelColumn < kernelColumnTo; kernelColumn++)"
                                        )
                                    )
                                    {
                                        var pixel = vectors.Load(Invariant($"pixels + kernelColumn * {window.Dilation.Width * 16}"));
                                        if (isMaximum)
                                            writer.Line($"{vectors.Type} pixel = {pixel};");
                                        writer.Line(
                                            $"result = {(isMaximum ? vectors.MaxOfAll("result", "pixel") : vectors.Add("result", pixel))};"
                                        );
                                    }
                                }

                                writer.Line(
                                    vectors.Store(
                                        $"target + column * 16{lane}",
                                        isMaximum ? "result" : vectors.Multiply("result", vectors.Constant("share"))
                                    )
                                );
                            }
                        );
                    }
                }
            );
            KernelText.ClearHalo(writer, plan.HaloToClear, ("range.GroupFrom", "range.GroupTo"), 1);
        }

        writer.Line();
    }

    /// <summary>What an average divides by: the taps inside the image, or those inside the padding that counts.</summary>
    private static string Divisor(PoolPlan plan)
    {
        var (window, overhang) = (plan.Pool.Window, plan.Pool.Overhang);
        if (!plan.Pool.CountIncludesPadding)
            return "((kernelRowTo - kernelRowFrom) * (kernelColumnTo - kernelColumnFrom))";
        if (overhang == default)
            return Invariant($"{window.Kernel.Height * window.Kernel.Width}");
        // Padding that does not count cuts the windows at the bottom and at the right.
        var input = plan.Inputs[0]!;
        var (bottom, right) = (input.Height + window.Padding.Bottom - overhang.Height, input.Width + window.Padding.Right - overhang.Width);
        return Invariant(
            $"(System::Math.Min({window.Kernel.Height}, {bottom} - top) * System::Math.Min({window.Kernel.Width}, {right} - left))"
        );
    }

    /// <summary>Declares the taps of the window that lie inside the image along one axis, and the position of the first tap.</summary>
    private static void WriteRange(
        CSharpWriter writer,
        string axis,
        string index,
        int stride,
        int padding,
        int kernel,
        int dilation,
        int extent
    )
    {
        var start = axis == "Row" ? "top" : "left";
        writer.Line($"int {start} = {KernelText.Scaled(index, stride)}{(padding == 0 ? "" : Invariant($" - {padding}"))};");
        writer.Line(
            padding == 0 ? $"int kernel{axis}From = 0;"
            : dilation == 1 ? $"int kernel{axis}From = System::Math.Max(0, -{start});"
            : Invariant($"int kernel{axis}From = System::Math.Max(0, ({dilation - 1} - {start}) / {dilation});")
        );
        writer.Line(
            dilation == 1
                ? Invariant($"int kernel{axis}To = System::Math.Min({kernel}, {extent} - {start});")
                : Invariant($"int kernel{axis}To = System::Math.Min({kernel}, ({extent + dilation - 1} - {start}) / {dilation});")
        );
    }
}

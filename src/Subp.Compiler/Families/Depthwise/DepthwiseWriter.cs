using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Depthwise;

/// <summary>
/// Writes depthwise convolutions: lanes are channels, each with its own filter. Filters of up to nine taps stay in registers for a whole
/// row; four output pixels are computed side by side so that their chains of multiply-adds overlap.
/// </summary>
internal static class DepthwiseWriter
{
    private const int RegisterTaps = 9;
    private const int PixelsPerStep = 4;

    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, DepthwisePlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var window = plan.Convolution.Window;
        var taps = window.Kernel.Height * window.Kernel.Width;
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(output.Shape)}.",
                $"internal static void {plan.MethodStem}(float* input, float* weights, float* bias, float* output, "
                    + $"{KernelText.RangeParameters})"
            )
        )
        {
            BlockLoops.Write(
                writer,
                output,
                () =>
                {
                    writer.Line($"float* source = {BlockLoops.Row("input", input, KernelText.Scaled("row", window.Stride.Height))};");
                    writer.Line($"float* target = {BlockLoops.Row("output", output)};");
                    writer.Line($"float* filter = weights + group * {taps * 16};");
                    BlockLoops.WriteLanes(
                        writer,
                        vectors,
                        lane =>
                        {
                            writer.Line(
                                taps <= RegisterTaps
                                    ? Invariant(
                                        $"// Registers: {KernelText.Count(taps, "tap")} of the filter for the whole row, "
                                            + $"{PixelsPerStep} sums."
                                    )
                                    : Invariant($"// Registers: {PixelsPerStep} sums; the {taps} taps of the filter are read from memory.")
                            );
                            writer.Line($"{vectors.Type} start = {vectors.Load($"bias + group * 16{lane}")};");
                            for (var tap = 0; tap < taps && taps <= RegisterTaps; tap++)
                                writer.Line($"{vectors.Type} tap{tap} = {vectors.Load(KernelText.Offset("filter", tap * 16) + lane)};");
                            var whole = output.Width / PixelsPerStep * PixelsPerStep;
                            if (whole > 0)
                            {
                                using (writer.Block($"for (int column = 0; column < {whole}; column += {PixelsPerStep})"))
                                    WritePixels(writer, plan, vectors, "column", PixelsPerStep, lane);
                            }

                            for (var column = whole; column < output.Width; column++)
                            {
                                using (writer.Block())
                                    WritePixels(writer, plan, vectors, Invariant($"{column}"), 1, lane);
                            }
                        }
                    );
                    ActivationText.WriteFunction(
                        writer,
                        vectors,
                        plan.Activation,
                        "target",
                        output.Width * 16 / vectors.Lanes,
                        vectors.Lanes
                    );
                }
            );
            KernelText.ClearHalo(writer, plan.HaloToClear, ("range.GroupFrom", "range.GroupTo"), 1);
        }

        writer.Line();
    }

    private static void WritePixels(CSharpWriter writer, DepthwisePlan plan, VectorDialect vectors, string column, int pixels, string lane)
    {
        var input = plan.Inputs[0]!;
        var window = plan.Convolution.Window;
        writer.Line($"float* pixel = source + {column} * {window.Stride.Width * 16}{lane};");
        for (var index = 0; index < pixels; index++)
            writer.Line($"{vectors.Type} sum{index} = start;");
        for (var kernelRow = 0; kernelRow < window.Kernel.Height; kernelRow++)
        {
            for (var kernelColumn = 0; kernelColumn < window.Kernel.Width; kernelColumn++)
            {
                var tap = (kernelRow * window.Kernel.Width) + kernelColumn;
                var weight =
                    window.Kernel.Height * window.Kernel.Width <= RegisterTaps
                        ? Invariant($"tap{tap}")
                        : vectors.Load(KernelText.Offset("filter", tap * 16) + lane);
                for (var index = 0; index < pixels; index++)
                {
                    var distance =
                        (kernelRow * window.Dilation.Height * input.RowPitch)
                        + (((kernelColumn * window.Dilation.Width) + (index * window.Stride.Width)) * 16);
                    writer.Line(
                        $"sum{index} = "
                            + $"{vectors.MultiplyAdd(vectors.Load(KernelText.Offset("pixel", distance)), weight, Invariant($"sum{index}"))};"
                    );
                }
            }
        }

        for (var index = 0; index < pixels; index++)
        {
            writer.Line(
                vectors.Store(
                    KernelText.Offset($"target + {column} * 16", index * 16) + lane,
                    ActivationText.Apply(vectors, plan.Activation, Invariant($"sum{index}"))
                )
            );
        }
    }
}

using Subp.Compiler.Planning.Layers;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// Writes the row of a maximum pooling with all taps unrolled. A tap outside the image reads the pixel at the edge instead, which its
/// window holds anyway, so that no maximum changes and no tap needs a test.
/// </summary>
internal static class MaximumWindowWriter
{
    /// <summary>More taps than this stay a loop.</summary>
    private const int MostTaps = 25;

    /// <summary>True where taps can be unrolled: in a dilated window the pixel at the edge may lie between two taps.</summary>
    public static bool Fits(PoolPlan plan)
    {
        var window = plan.Pool.Window;
        return plan.Pool.Kind == PoolKind.Maximum
            && window.Dilation == Extent.One
            && window.Kernel.Height * window.Kernel.Width <= MostTaps;
    }

    /// <summary>Writes one row of output pixels of a block of channels.</summary>
    public static void Write(CSharpWriter writer, PoolPlan plan, VectorDialect vectors)
    {
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var window = plan.Pool.Window;
        writer.Line("// Taps outside the image read the pixel at its edge, which the window holds anyway.");
        for (var tap = 0; tap < window.Kernel.Height; tap++)
        {
            var index = Inside("row", tap, window.Stride.Height, window.Padding.Top, input.Height, output.Height);
            writer.Line($"float* row{tap} = {BlockLoops.Row("input", input, index)};");
        }

        writer.Line($"float* target = {BlockLoops.Row("output", output)};");
        using (writer.Block($"for (int column = 0; column < {output.Width}; column++)"))
        {
            for (var tap = 0; tap < window.Kernel.Width; tap++)
                writer.Line(
                    $"int pixel{tap} = {Inside("column", tap, window.Stride.Width, window.Padding.Left, input.Width, output.Width)} * 16;"
                );
            BlockLoops.WriteLanes(
                writer,
                vectors,
                lane =>
                {
                    for (var row = 0; row < window.Kernel.Height; row++)
                    {
                        for (var column = 0; column < window.Kernel.Width; column++)
                        {
                            var pixel = vectors.Load(Invariant($"row{row} + pixel{column}{lane}"));
                            writer.Line(
                                row + column == 0 ? $"{vectors.Type} result = {pixel};" : $"result = {vectors.Max("result", pixel)};"
                            );
                        }
                    }

                    writer.Line(vectors.Store($"target + column * 16{lane}", "result"));
                }
            );
        }
    }

    /// <summary>
    /// The position of a tap along one axis, moved to the edge of the image where it can lie outside; a factor as it stands.
    /// </summary>
    private static string Inside(string index, int tap, int stride, int padding, int extent, int outputs)
    {
        var (first, last) = (tap - padding, ((outputs - 1) * stride) + tap - padding);
        var position =
            KernelText.Scaled(index, stride)
            + (
                first == 0 ? ""
                : first > 0 ? Invariant($" + {first}")
                : Invariant($" - {-first}")
            );
        if (first < 0)
            position = $"System::Math.Max({position}, 0)";
        if (last >= extent)
            return Invariant($"System::Math.Min({position}, {extent - 1})");
        return first > 0 ? $"({position})" : position;
    }
}

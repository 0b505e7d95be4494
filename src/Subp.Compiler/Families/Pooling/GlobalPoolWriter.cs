using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Pooling;

/// <summary>
/// Writes the mean over whole planes. Four sums run side by side, since one would wait for the latency of its own additions.
/// </summary>
internal static class GlobalPoolWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, GlobalPoolPlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var (height, width) = (input.Height, input.Width);
        var sums = Math.Min(4, width);
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(input.Shape)}.",
                $"internal static void {plan.MethodStem}(float* input, float* output, {KernelText.RangeParameters})"
            )
        )
        {
            BlockLoops.Write(
                writer,
                output,
                () =>
                {
                    writer.Line($"float* source = {BlockLoops.Row("input", input)};");
                    writer.Line($"float* target = {BlockLoops.Row("output", output)};");
                    BlockLoops.WriteLanes(
                        writer,
                        vectors,
                        lane =>
                        {
                            writer.Line("// Several sums, so that no addition waits for the one before.");
                            for (var sum = 0; sum < sums; sum++)
                                writer.Line($"{vectors.Type} sum{sum} = {vectors.Zero};");
                            using (writer.Block($"for (int line = 0; line < {height}; line++)"))
                            {
                                writer.Line($"float* pixels = source + line * {input.RowPitch}{lane};");
                                var whole = width / sums * sums;
                                using (writer.Block($"for (int column = 0; column < {whole}; column += {sums})"))
                                {
                                    for (var sum = 0; sum < sums; sum++)
                                        writer.Line(
                                            $"sum{sum} = "
                                                + $"{vectors.Add(Invariant($"sum{sum}"), vectors.Load(KernelText.Offset("pixels + column * 16", sum * 16)))};"
                                        );
                                }

                                for (var column = whole; column < width; column++)
                                    writer.Line(
                                        $"sum{column - whole} = "
                                            + $"{vectors.Add(Invariant($"sum{column - whole}"), vectors.Load(Invariant($"pixels + {column * 16}")))};"
                                    );
                            }

                            for (var sum = 1; sum < sums; sum++)
                                writer.Line($"sum0 = {vectors.Add("sum0", Invariant($"sum{sum}"))};");
                            writer.Line(
                                vectors.Store(
                                    $"target{lane}",
                                    vectors.Multiply("sum0", vectors.Constant(Invariant($"1f / {height * width}")))
                                )
                            );
                        }
                    );
                }
            );
            // A padded convolution may read the one pixel of each mean.
            KernelText.ClearHalo(writer, plan.HaloToClear, ("range.GroupFrom", "range.GroupTo"), 1);
        }

        writer.Line();
    }
}

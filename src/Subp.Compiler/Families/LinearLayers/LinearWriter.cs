using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.LinearLayers;

/// <summary>
/// Writes dense linear layers: 16 output features at a time, inputs broadcast. Each weight is read once, so the kernel runs at the speed of
/// memory; four sums side by side hide the latency of the multiply-adds.
/// </summary>
internal static class LinearWriter
{
    private const int InputsPerStep = 4;

    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, LinearPlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var whole = plan.InputFeatures / InputsPerStep * InputsPerStep;
        using (
            KernelText.Method(
                writer,
                Invariant($"{plan.Node.Name}: {plan.KernelName(set)}, {plan.InputFeatures} to {output.Shape.Channels} features."),
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
                    writer.Line("float* features = input" + KernelText.ImageTerm(input.Shape.Batch, input.BatchStride) + ";");
                    BlockLoops.WriteLanes(
                        writer,
                        vectors,
                        lane =>
                        {
                            writer.Line($"float* column = weights + (long)group * {plan.InputFeatures * 16}{lane};");
                            writer.Line("// Several sums, so that no multiply-add waits for the one before.");
                            writer.Line($"{vectors.Type} sum0 = {vectors.Load($"bias + group * 16{lane}")};");
                            for (var sum = 1; sum < InputsPerStep; sum++)
                                writer.Line($"{vectors.Type} sum{sum} = {vectors.Zero};");
                            if (whole > 0)
                            {
                                using (
                                    writer.Block(
                                        $"for (int feature = 0; feature < {whole}; feature += {InputsPerStep}, column += "
                                            + $"{InputsPerStep * 16})"
                                    )
                                )
                                {
                                    for (var step = 0; step < InputsPerStep; step++)
                                        writer.Line(
                                            Product(
                                                vectors,
                                                KernelText.Offset("features + feature", step),
                                                KernelText.Offset("column", step * 16),
                                                step
                                            )
                                        );
                                }
                            }

                            for (var feature = whole; feature < plan.InputFeatures; feature++)
                                writer.Line(
                                    Product(
                                        vectors,
                                        Invariant($"features + {feature}"),
                                        KernelText.Offset("column", (feature - whole) * 16),
                                        feature - whole
                                    )
                                );
                            writer.Line($"sum0 = {vectors.Add("sum0", "sum1")};");
                            writer.Line($"sum2 = {vectors.Add("sum2", "sum3")};");
                            writer.Line($"sum0 = {vectors.Add("sum0", "sum2")};");
                            writer.Line(
                                vectors.Store(
                                    BlockLoops.Row("output", output) + lane,
                                    ActivationText.Apply(vectors, plan.Activation, "sum0")
                                )
                            );
                            ActivationText.WriteFunction(
                                writer,
                                vectors,
                                plan.Activation,
                                BlockLoops.Row("output", output) + lane,
                                1,
                                vectors.Lanes
                            );
                        }
                    );
                }
            );
        }

        writer.Line();
    }

    private static string Product(VectorDialect vectors, string feature, string weights, int sum) =>
        Invariant($"sum{sum} = {vectors.MultiplyAdd(vectors.Broadcast(feature), vectors.Load(weights), Invariant($"sum{sum}"))};");
}

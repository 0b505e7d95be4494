using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.VectorSoftmax;

/// <summary>Writes softmax: one image at a time, scalar, with the maximum taken off first so that no exponential overflows. A layer of a
/// few hundred features is far below what would pay for vector code.</summary>
internal static class SoftmaxWriter
{
    /// <summary>Writes the layer method; the code is the same for all instruction sets.</summary>
    public static void Write(CSharpWriter writer, SoftmaxPlan plan, InstructionSet set)
    {
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var features = output.Shape.Channels;
        using (
            KernelText.Method(
                writer,
                Invariant($"{plan.Node.Name}: {plan.KernelName(set)} over {features} features."),
                $"internal static void {plan.MethodStem}(float* input, float* output, {KernelText.RangeParameters})"
            )
        )
        {
            using (writer.Block("for (int image = range.TileFrom; image < range.TileTo; image++)"))
            {
                writer.Line($"float* source = input + image * {input.BatchStride};");
                writer.Line($"float* target = output + image * {output.BatchStride};");
                writer.Line("float largest = source[0];");
                writer.Line($"for (int feature = 1; feature < {features}; feature++)");
                using (writer.Indented())
                    writer.Line("largest = System::Math.Max(largest, source[feature]);");
                writer.Line("double sum = 0;");
                using (writer.Block($"for (int feature = 0; feature < {features}; feature++)"))
                {
                    writer.Line("float value = System::MathF.Exp(source[feature] - largest);");
                    writer.Line("target[feature] = value;");
                    writer.Line("sum += value;");
                }

                writer.Line("float scale = (float)(1 / sum);");
                writer.Line($"for (int feature = 0; feature < {features}; feature++)");
                using (writer.Indented())
                    writer.Line("target[feature] *= scale;");
            }
        }

        writer.Line();
    }
}

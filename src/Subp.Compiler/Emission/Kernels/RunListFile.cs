using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Convolutions;
using Subp.Compiler.Planning.Layers;
using Subp.Compiler.Planning.Values;
using Subp.Compiler.Planning.Winograd;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>Writes the run list of an instruction set: every layer in order with the places of its operands.</summary>
internal static class RunListFile
{
    /// <summary>Writes the file.</summary>
    public static EmittedFile Write(ModelPlan plan, InstructionSet set) =>
        ModelFileScope.Write(
            plan,
            "." + KernelText.ClassOf(set),
            _ => { },
            writer =>
            {
                using (writer.Block($"private static unsafe partial class {KernelText.ClassOf(set)}"))
                    WriteRun(writer, plan, set);
            }
        );

    private static void WriteRun(CSharpWriter writer, ModelPlan plan, InstructionSet set)
    {
        writer.Line(
            """
            /// <summary>
            /// What one thread has to do in some layers. The numbers of the schedule say per layer how many rectangles of tasks the thread
            /// computes, and the groups from, to and tiles from, to of each.
            /// </summary>
            """
        );
        using (writer.Block("internal static void Run(Session session, int thread, int layer, int end)"))
        {
            writer.Line("float* arena = session.Arena;");
            if (plan.ConstantsLength > 0)
                writer.Line("float* constants = session.Constants;");
            if (plan.Layers.OfType<ConvolutionPlan>().Any(layer => layer.Weights.FileOffset is not null))
                writer.Line("byte* weights = session.Weights;");
            if (plan.ScratchLength > 0)
                writer.Line("float* scratch = session.ScratchOf(thread);");
            writer.Line("int* work = session.WorkOf(thread, layer);");
            using (writer.Block("for (; layer < end; layer++)"))
            {
                using (writer.Block("for (int rectangles = *work++; rectangles > 0; rectangles--, work += 4)"))
                {
                    using (writer.Block("switch (layer)"))
                    {
                        foreach (var layer in plan.Layers)
                            WriteLayer(writer, plan, layer, set);
                    }
                }
            }
        }
    }

    private static void WriteLayer(CSharpWriter writer, ModelPlan model, LayerPlan layer, InstructionSet set)
    {
        writer.Line($"// {CSharpText.Comment(layer.Node.Name)} {layer.Node.Shape}, {layer.KernelName(set)}");
        writer.Line($"case {layer.Index}:");
        using (writer.Indented())
            writer
                .Line($"{layer.MethodStem}({string.Join(", ", Operands(model, layer))}, work[0], work[1], work[2], work[3]);")
                .Line("break;");
    }

    private static IEnumerable<string> Operands(ModelPlan model, LayerPlan layer) =>
        layer switch
        {
            ConvolutionPlan plan =>
            [
                Arena(plan.Inputs[0]!, WindowOrigin(plan.Inputs[0]!, plan.Convolution.Window)),
                .. plan.Inputs.Skip(1).Select(residual => Arena(residual!, residual!.Origin)),
                plan.Weights.FileOffset is { } offset
                    ? Invariant($"(float*)(weights + {offset})")
                    : KernelText.Offset("constants", plan.Weights.ConstantsOffset!.Value),
                KernelText.Offset("constants", plan.BiasOffset),
                Arena(plan.Output!, plan.Output!.Origin),
            ],
            WinogradPlan plan =>
            [
                Arena(plan.Inputs[0]!, WindowOrigin(plan.Inputs[0]!, plan.Convolution.Window)),
                .. plan.Inputs.Skip(1).Select(residual => Arena(residual!, residual!.Origin)),
                KernelText.Offset("constants", plan.WeightsOffset),
                KernelText.Offset("constants", plan.BiasOffset),
                Arena(plan.Output!, plan.Output!.Origin),
                "scratch",
            ],
            DepthwisePlan plan =>
            [
                Arena(plan.Inputs[0]!, WindowOrigin(plan.Inputs[0]!, plan.Convolution.Window)),
                KernelText.Offset("constants", plan.WeightsOffset),
                KernelText.Offset("constants", plan.BiasOffset),
                Arena(plan.Output!, plan.Output!.Origin),
            ],
            LinearPlan plan =>
            [
                Arena(plan.Inputs[0]!, 0),
                KernelText.Offset("constants", plan.WeightsOffset),
                KernelText.Offset("constants", plan.BiasOffset),
                Arena(plan.Output!, 0),
            ],
            ElementwisePlan { Operator: BatchNorm } plan =>
            [
                Arena(plan.Inputs[0]!, plan.Inputs[0]!.Origin),
                KernelText.Offset("constants", plan.FactorsOffset),
                Arena(plan.Output!, plan.Output!.Origin),
            ],
            FamilyPlan plan => plan.Operands.Select(operand => Place(model, operand)),
            _ =>
            [
                .. layer.Inputs.Select(
                    (input, index) => input is null ? InterfaceText.Input(model, layer.Node.Inputs[index]) : Arena(input, input.Origin)
                ),
                layer.Output is { } output ? Arena(output, output.Origin) : InterfaceText.Output(model, layer.Node.Name),
            ],
        };

    /// <summary>
    /// Where the window of output pixel (0, 0) starts: above and left of the first pixel by the padding, which lies inside the halo.
    /// </summary>
    private static int WindowOrigin(BufferPlan input, Window window) =>
        input.Origin - (window.Padding.Top * input.RowPitch) - (window.Padding.Left * input.PixelStride);

    private static string Place(ModelPlan model, OperandPlace operand) =>
        operand.Memory switch
        {
            OperandMemory.Arena => KernelText.Offset("arena", operand.Number),
            OperandMemory.Constants => KernelText.Offset("constants", operand.Number),
            OperandMemory.Input => InterfaceText.Input(model, operand.Number),
            OperandMemory.Scratch => "scratch",
            _ => InterfaceText.Output(model, operand.Number),
        };

    private static string Arena(BufferPlan buffer, int distance) => KernelText.Offset("arena", buffer.Offset + distance);
}

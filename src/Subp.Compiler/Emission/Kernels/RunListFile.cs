using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
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
            if (plan.Layers.Any(layer => layer.OfFamily.Operands.Any(operand => operand.Memory == OperandMemory.Weights)))
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
                .Line(
                    $"{layer.MethodStem}({string.Join(", ", layer.OfFamily.Operands.Select(operand => Place(model, operand)))}, work[0], work[1], work[2], work[3]);"
                )
                .Line("break;");
    }

    private static string Place(ModelPlan model, OperandPlace operand) =>
        operand.Memory switch
        {
            OperandMemory.Arena => KernelText.Offset("arena", operand.Number),
            OperandMemory.Constants => KernelText.Offset("constants", operand.Number),
            OperandMemory.Weights => Invariant($"(float*)(weights + {operand.Number})"),
            OperandMemory.Scratch => KernelText.Offset("scratch", operand.Number),
            OperandMemory.Input => InterfaceText.Input(model, operand.Number),
            _ => InterfaceText.Output(model, operand.Number),
        };
}

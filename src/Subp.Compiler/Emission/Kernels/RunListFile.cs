using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;

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
            /// What one thread has to do in some layers: as many rectangles of tasks of each as the schedule says. <c>Values</c>,
            /// <c>Constants</c> and <c>Weights</c> name the places of operands.
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
                    writer.Line("WorkRange range = new(work[0], work[1], work[2], work[3]);");
                    using (writer.Block("switch (layer)"))
                    {
                        var names = MemoryNames.Of(plan);
                        foreach (var layer in plan.Layers)
                            WriteLayer(writer, names, layer, set);
                    }
                }
            }
        }
    }

    private static void WriteLayer(CSharpWriter writer, MemoryNames names, LayerPlan layer, InstructionSet set)
    {
        var operands = Enumerable.Range(0, layer.OfFamily.Operands.Count).Select(operand => names.Pointer(layer.OfFamily, operand));
        writer.Line($"// {CSharpText.Comment(layer.Node.Name)} {layer.Node.Shape}, {layer.KernelName(set)}");
        writer.Line($"case {layer.Index}:");
        using (writer.Indented())
            writer.Line($"{layer.MethodStem}({string.Join(", ", operands)}, in range);").Line("break;");
    }
}

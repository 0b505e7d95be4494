using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Loops;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Elementwise;

/// <summary>Writes element-wise steps over dense values: a run at a time; what is one value for a run is loaded before it.</summary>
internal static class ElementwiseWriter
{
    private static readonly string[] Parameters = ["left", "middle", "right"];
    private static readonly string[] Locals = ["x", "y", "z"];

    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, DenseElementwisePlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var inputs = plan.Operands.Count - 1;
        string[] parameters =
            inputs == 1 ? ["input"]
            : inputs == 2 ? ["left", "right"]
            : Parameters;
        using (FamilyText.Method(writer, plan, set, $"{plan.Node.Shape}", [.. parameters, "output"]))
        {
            (string, string)[] pointers = [.. parameters.Select((name, index) => (name, $"{Locals[index]}s")), ("output", "target")];
            LoopNestWriter.Write(
                writer,
                plan.Nest,
                pointers,
                (_, _) => throw new InvalidOperationException("Element-wise steps have no tables."),
                count => WriteRun(writer, plan, vectors, count),
                ("range.TileFrom", "range.TileTo")
            );
        }

        writer.Line();
    }

    private static void WriteRun(CSharpWriter writer, DenseElementwisePlan plan, VectorDialect vectors, string count)
    {
        var inputs = plan.Operands.Count - 1;
        var run = plan.Nest.Extents.Count - 1;
        bool IsOneValue(int operand) => plan.Nest.Operands[operand].Strides[run] == 0 && plan.Nest.Run > 1;
        for (var operand = 0; operand < inputs; operand++)
        {
            if (IsOneValue(operand))
                writer.Line($"{vectors.Type} {Locals[operand]} = {vectors.Broadcast(Locals[operand] + "s")};");
        }

        RunWriter.Write(
            writer,
            vectors,
            count,
            plan.Nest.Chunks > 1 && plan.Nest.Run % plan.Nest.Chunk % vectors.Lanes == 0 ? vectors.Lanes : 1,
            vector =>
            {
                for (var operand = 0; operand < inputs; operand++)
                {
                    if (!IsOneValue(operand))
                        writer.Line($"{vectors.Type} {Locals[operand]} = {vector.Load(Locals[operand] + "s")};");
                }

                var value = ElementwiseText.Of(vectors, plan.Operator, Locals);
                if (plan.Operator is not Activate && ActivationText.NeedsLocal(plan.Applied))
                {
                    writer.Line($"{vectors.Type} result = {value};");
                    value = "result";
                }

                writer.Line(vector.Store("target", ElementwiseText.Activated(vectors, plan.Applied, value)));
            }
        );
    }
}

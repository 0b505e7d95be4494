using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning.Values;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>Writes copies of channels of bytes: pixel by pixel, run by run.</summary>
internal static class ChannelCopyWriter
{
    /// <summary>Writes the tables of operands whose quantisation is another than that of the result.</summary>
    public static void WriteTables(CSharpWriter writer, ChannelCopyPlan plan)
    {
        for (var operand = 0; operand < plan.Tables.Count; operand++)
        {
            if (plan.Tables[operand] is { } table)
                ByteTable.Write(
                    writer,
                    plan,
                    Invariant($"Bytes{operand}"),
                    table,
                    Invariant($"the result of each byte of operand {operand}")
                );
        }
    }

    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, ChannelCopyPlan plan, InstructionSet set)
    {
        var inputs = Enumerable.Range(0, plan.Shapes.Count).Select(operand => Invariant($"input{operand}")).ToArray();
        using (FamilyText.Method(writer, plan, set, $"{plan.Node.Shape}", [.. inputs, "output"]))
        {
            for (var operand = 0; operand < inputs.Length; operand++)
            {
                if (plan.Tables[operand] is not null)
                    writer.Line($"byte* table{operand} = {ByteTable.Pointer(plan, Invariant($"Bytes{operand}"))};");
            }

            using (writer.Block($"for (int pixel = range.TileFrom * {plan.Columns}; pixel < range.TileTo * {plan.Columns}; pixel++)"))
            {
                writer.Line($"byte* target = (byte*)output + (long)pixel * {ByteLayout.ChannelPitch(plan.Shape)};");
                for (var operand = 0; operand < inputs.Length; operand++)
                    writer.Line(
                        $"byte* source{operand} = (byte*){inputs[operand]} + (long)pixel * {ByteLayout.ChannelPitch(plan.Shapes[operand])};"
                    );
                foreach (var run in plan.Runs)
                    WriteRun(writer, plan, run);
            }
        }

        writer.Line();
    }

    private static void WriteRun(CSharpWriter writer, ChannelCopyPlan plan, ChannelRun run)
    {
        var source = KernelText.Offset(Invariant($"source{run.Operand}"), run.From);
        var target = KernelText.Offset("target", run.To);
        var hasTable = plan.Tables[run.Operand] is not null;
        if (!hasTable && run is { Step: 1, TargetStep: 1 })
        {
            writer.Line($"System::Buffer.MemoryCopy({source}, {target}, {run.Count}, {run.Count});");
            return;
        }

        var value = Invariant($"({source})[{KernelText.Scaled("i", run.Step)}]");
        writer.Line($"for (int i = 0; i < {run.Count}; i++)");
        using (writer.Indented())
            writer.Line(
                $"({target})[{KernelText.Scaled("i", run.TargetStep)}] = {(hasTable ? Invariant($"table{run.Operand}[{value}]") : value)};"
            );
    }
}

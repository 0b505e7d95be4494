using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Recurrences;

/// <summary>
/// Writes the layer method of a recurrence: step after step, first the products of all states of the part, then what the gates make of them.
/// </summary>
internal sealed class RecurrenceWriter(CSharpWriter writer, RecurrencePlan plan, InstructionSet set)
{
    private readonly VectorDialect _vectors = VectorDialect.Longest(set);

    private int Rows => Math.Min(plan.Batch, StateProductWriter.Rows(_vectors));

    private bool IsLstm => plan.Recurrence.Kind == RecurrenceKind.Lstm;

    private bool HasTwoProducts => plan.Products.Count > 1;

    /// <summary>Writes the methods.</summary>
    public void Write()
    {
        using (
            FamilyText.Method(
                writer,
                plan,
                set,
                Invariant($"{KernelText.Count(plan.Steps, "step")} of {KernelText.Count(plan.Batch, "sequence")}, ")
                    + KernelText.Count(plan.Hidden, "hidden unit"),
                [
                    "projected",
                    .. plan.HasFirstState ? (string[])["firstStates"] : [],
                    .. plan.HasFirstState && IsLstm ? (string[])["firstCells"] : [],
                    .. HasTwoProducts ? (string[])["weights", "candidateWeights"] : ["weights"],
                    .. plan.Recurrence.Bias is null ? (string[])[] : ["bias"],
                    "output",
                    "scratch",
                ]
            )
        )
        {
            WriteMemory();
            var steps = plan.Recurrence.IsReverse
                ? Invariant($"for (int step = {plan.Steps - 1}; step >= 0; step--)")
                : Invariant($"for (int step = 0; step < {plan.Steps}; step++)");
            using (writer.Block(steps))
                WriteStep();
            if (plan.Recurrence.KeepsCell)
                WriteCells();
        }

        writer.Line();
        foreach (var product in plan.Products)
        {
            StateProductWriter.Write(writer, plan, product, _vectors, Rows);
            if (Rows > 1)
                StateProductWriter.Write(writer, plan, product, _vectors, 1);
        }

        new GateWriter(writer, plan, _vectors).Write();
    }

    private void WriteMemory()
    {
        var count = plan.Batch * plan.Hidden;
        writer.Line("// A task is one sequence from its first step to its last.");
        writer.Line($"float* states = scratch; // [{KernelText.Count(plan.Batch, "sequence")}][{KernelText.Count(plan.Hidden, "unit")}]");
        for (var index = 0; index < plan.Products.Count; index++)
            writer.Line(
                $"float* {SumsOf(index)} = scratch + {plan.SumsOffset(index)}; // [{KernelText.Count(plan.Batch, "sequence")}]"
                    + $"[{KernelText.Count(plan.Products[index].Columns, "sum")}]"
            );
        if (plan.HasCells)
            writer.Line($"float* {(IsLstm ? "cells" : "resets")} = scratch + {plan.CellsOffset};");
        WriteFirst("states", "firstStates", count);
        if (IsLstm)
            WriteFirst("cells", "firstCells", count);
    }

    private void WriteFirst(string target, string source, int count) =>
        writer.Line(
            plan.HasFirstState
                ? $"new System::ReadOnlySpan<float>({source}, {count}).CopyTo(new System::Span<float>({target}, {count}));"
                : $"new System::Span<float>({target}, {count}).Clear();"
        );

    private void WriteStep()
    {
        writer.Line($"float* inputs = projected + step * {plan.Batch * plan.InputColumns};");
        writer.Line($"float* outputs = output + step * {plan.Batch * plan.Hidden};");
        writer.Line("int sequence = range.TileFrom;");
        WriteProduct(0, "states", "weights");
        if (HasTwoProducts)
        {
            WriteGates("Reset", "inputs", "sums", "resets", "states");
            WriteProduct(1, "resets", "candidateWeights");
            WriteGates("Update", "inputs", "sums", "candidates", "states", "outputs");
            return;
        }

        string[] between = IsLstm ? ["cells"] : [];
        string[] pointers = ["inputs", "sums", .. between, "states", "outputs"];
        WriteGates("Gates", pointers);
    }

    private void WriteProduct(int index, string left, string weights)
    {
        var product = plan.Products[index];
        string Call(int rows) =>
            Invariant($"{StateProductWriter.Name(plan, product, rows)}({left} + sequence * {plan.Hidden}, {weights}, ")
            + Invariant($"{SumsOf(index)} + sequence * {product.PaddedColumns});");
        if (Rows > 1)
        {
            using (writer.Block($"for (; sequence + {Rows} <= range.TileTo; sequence += {Rows})"))
                writer.Line(Call(Rows));
        }

        using (writer.Block("for (; sequence < range.TileTo; sequence++)"))
            writer.Line(Call(1));
    }

    private void WriteGates(string name, params string[] pointers)
    {
        var arguments = pointers.Select(pointer => Invariant($"{pointer} + sequence * {Distance(pointer)}"));
        var bias = plan.Recurrence.Bias is null ? "" : "bias, ";
        using (writer.Block("for (sequence = range.TileFrom; sequence < range.TileTo; sequence++)"))
            writer.Line($"{plan.MethodStem}_{name}({bias}{string.Join(", ", arguments)});");
        if (name == "Reset")
            writer.Line("sequence = range.TileFrom;");
    }

    private void WriteCells()
    {
        writer.Line("// Behind the states the cells.");
        var (from, count) = ($"range.TileFrom * {plan.Hidden}", $"(range.TileTo - range.TileFrom) * {plan.Hidden}");
        writer.Line($"System::ReadOnlySpan<float> last = new System::ReadOnlySpan<float>(cells + {from}, {count});");
        writer.Line(
            Invariant($"last.CopyTo(new System::Span<float>(output + {plan.Steps * plan.Batch * plan.Hidden} + {from}, {count}));")
        );
    }

    private int Distance(string pointer) =>
        pointer switch
        {
            "inputs" => plan.InputColumns,
            "sums" => plan.Products[0].PaddedColumns,
            "candidates" => plan.Products[1].PaddedColumns,
            _ => plan.Hidden,
        };

    private static string SumsOf(int product) => product == 0 ? "sums" : "candidates";
}

using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Elementwise;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.MatrixProducts;

/// <summary>
/// Writes the method that computes a few rows of a product, one panel of 16 columns after the other. The sums of rows x panel stay in
/// registers: each row of the panel is read once for all of them, and each element of the left side is broadcast.
/// </summary>
internal static class MatrixTileWriter
{
    /// <summary>The rows of a tile: as many as leave registers for a row of the panel, all divide those of a task.</summary>
    public static int Rows(VectorDialect vectors) =>
        vectors.Lanes switch
        {
            16 => 12,
            8 => 6,
            _ => 3,
        };

    /// <summary>The name of the method.</summary>
    public static string Name(MatrixProductPlan plan, int rows) => Invariant($"{plan.MethodStem}_Tile{rows}");

    /// <summary>Writes the method for some rows.</summary>
    public static void Write(CSharpWriter writer, MatrixProductPlan plan, VectorDialect vectors, int rows)
    {
        var (whole, rest) = (plan.Columns / MatrixProductPlan.PanelColumns, plan.Columns % MatrixProductPlan.PanelColumns);
        using (
            KernelText.Method(
                writer,
                Invariant($"{KernelText.Count(rows, "row")} of {plan.Node.Name}, panel by panel."),
                $"private static void {Name(plan, rows)}(float* left, float* right, {(plan.HasBias ? "float* bias, " : "")}float* target)"
            )
        )
        {
            if (whole > 0)
            {
                using (
                    writer.Block(
                        $"for (int column = 0; column < {whole * MatrixProductPlan.PanelColumns}; "
                            + $"column += {MatrixProductPlan.PanelColumns}, right += {plan.RightStrides.Panel})"
                    )
                )
                    WritePanel(writer, plan, vectors, rows, "column", MatrixProductPlan.PanelColumns);
            }

            if (rest > 0)
            {
                writer.Line($"// The last {KernelText.Count(rest, "column")}.");
                using (writer.Block())
                    WritePanel(writer, plan, vectors, rows, Invariant($"{whole * MatrixProductPlan.PanelColumns}"), rest);
            }
        }

        writer.Line();
    }

    private static void WritePanel(CSharpWriter writer, MatrixProductPlan plan, VectorDialect vectors, int rows, string column, int columns)
    {
        var parts = ((columns - 1) / vectors.Lanes) + 1;
        // A weight is padded with zeros; of a computed value only what is there may be read.
        string Load(string pointer, int part) =>
            plan.IsPacked || columns - (part * vectors.Lanes) >= vectors.Lanes
                ? vectors.Load(KernelText.Offset(pointer, part * vectors.Lanes))
                : $"LoadFirst({KernelText.Offset(pointer, part * vectors.Lanes)}, {columns - (part * vectors.Lanes)})";
        for (var row = 0; row < rows; row++)
        {
            for (var part = 0; part < parts; part++)
            {
                var start = plan.HasBias
                    ? vectors.Load(KernelText.Offset(column == "0" ? "bias" : $"bias + {column}", part * vectors.Lanes))
                    : vectors.Zero;
                writer.Line($"{vectors.Type} sum{row}_{part} = {start};");
            }
        }

        writer.Line("float* element = left;");
        writer.Line("float* panel = right;");
        using (writer.Block($"for (int inner = 0; inner < {plan.Inner}; inner++, element++, panel += {plan.RightStrides.Row})"))
        {
            for (var part = 0; part < parts; part++)
                writer.Line($"{vectors.Type} right{part} = {Load("panel", part)};");
            for (var row = 0; row < rows; row++)
            {
                var left = vectors.Broadcast(KernelText.Offset("element", row * plan.Inner));
                if (parts > 1)
                    writer.Line($"{vectors.Type} left{row} = {left};");
                for (var part = 0; part < parts; part++)
                {
                    var sum = Invariant($"sum{row}_{part}");
                    var factor = parts > 1 ? Invariant($"left{row}") : left;
                    writer.Line($"{sum} = {vectors.MultiplyAdd(factor, Invariant($"right{part}"), sum)};");
                }
            }
        }

        for (var row = 0; row < rows; row++)
        {
            for (var part = 0; part < parts; part++)
            {
                var value = ElementwiseText.Activated(vectors, plan.Applied, Invariant($"sum{row}_{part}"));
                var target = KernelText.Offset($"target + {column}", (row * plan.Columns) + (part * vectors.Lanes));
                var count = columns - (part * vectors.Lanes);
                writer.Line(count >= vectors.Lanes ? vectors.Store(target, value) : $"StoreFirst({target}, {value}, {count});");
            }
        }
    }
}

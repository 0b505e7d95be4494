using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Recurrences;

/// <summary>
/// Writes the product of the states of a few sequences with the recurrent weight, panel by panel. The sums of all sequences stay in registers
/// while a panel is read, once for all of them.
/// </summary>
internal static class StateProductWriter
{
    /// <summary>The most sequences of one call: as many as leave registers for the weights.</summary>
    public static int Rows(VectorDialect vectors) => vectors.Lanes == 16 ? 4 : 3;

    /// <summary>The name of the method.</summary>
    public static string Name(RecurrencePlan plan, StateProduct product, int rows) => Invariant($"{plan.MethodStem}_{product.Name}{rows}");

    /// <summary>Writes the method for some sequences.</summary>
    public static void Write(CSharpWriter writer, RecurrencePlan plan, StateProduct product, VectorDialect vectors, int rows)
    {
        using (
            KernelText.Method(
                writer,
                Invariant($"{KernelText.Count(rows, "sequence")} of {plan.Node.Name}: {product.Inner} elements of each times ")
                    + Invariant($"{product.Inner} x {product.Columns} weights."),
                $"private static void {Name(plan, product, rows)}(float* left, float* weights, float* sums)"
            )
        )
        {
            var (columns, inner) = (product.PanelColumns, product.Inner);
            var whole = product.PaddedColumns / columns;
            if (whole > 1)
            {
                using (writer.Block($"for (int panel = 0; panel < {whole}; panel++, weights += {columns * inner}, sums += {columns})"))
                    WritePanel(writer, product, vectors, rows, columns);
            }
            else
            {
                WritePanel(writer, product, vectors, rows, columns);
            }

            var rest = product.PaddedColumns - (whole * columns);
            if (rest > 0)
            {
                if (whole == 1)
                    writer.Line($"weights += {columns * inner};").Line($"sums += {columns};");
                writer.Line($"// The last {KernelText.Count(product.Columns - (whole * columns), "column")}.");
                WritePanel(writer, product, vectors, rows, rest);
            }
        }

        writer.Line();
    }

    // A panel of some columns, a multiple of 16, in parts whose sums fit into registers.
    private static void WritePanel(CSharpWriter writer, StateProduct product, VectorDialect vectors, int rows, int columns)
    {
        var most = (rows == 1 && vectors.Lanes < 16 ? 8 : 4) * vectors.Lanes;
        for (var first = 0; first < columns; first += most)
        {
            using (writer.Block())
                WritePart(writer, product, vectors, rows, first, Math.Min(most, columns - first) / vectors.Lanes);
        }
    }

    private static void WritePart(CSharpWriter writer, StateProduct product, VectorDialect vectors, int rows, int first, int parts)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var part = 0; part < parts; part++)
                writer.Line($"{vectors.Type} sum{row}_{part} = {vectors.Zero};");
        }

        writer.Line("float* element = left;");
        writer.Line($"float* weight = {KernelText.Offset("weights", first)};");
        using (writer.Block($"for (int inner = 0; inner < {product.Inner}; inner++, element++, weight += {product.PanelColumns})"))
        {
            for (var row = 0; row < rows; row++)
                writer.Line($"{vectors.Type} left{row} = {vectors.Broadcast(KernelText.Offset("element", row * product.Inner))};");
            for (var part = 0; part < parts; part++)
            {
                var weight = vectors.Load(KernelText.Offset("weight", part * vectors.Lanes));
                if (rows > 1)
                    writer.Line($"{vectors.Type} weight{part} = {weight};");
                for (var row = 0; row < rows; row++)
                {
                    var sum = Invariant($"sum{row}_{part}");
                    var factor = rows > 1 ? Invariant($"weight{part}") : weight;
                    writer.Line($"{sum} = {vectors.MultiplyAdd(Invariant($"left{row}"), factor, sum)};");
                }
            }
        }

        for (var row = 0; row < rows; row++)
        {
            for (var part = 0; part < parts; part++)
            {
                var target = KernelText.Offset("sums", first + (row * product.PaddedColumns) + (part * vectors.Lanes));
                writer.Line(vectors.Store(target, Invariant($"sum{row}_{part}")));
            }
        }
    }
}

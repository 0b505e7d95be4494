using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// Writes the transform of one input tile, Bᵀ d B, for as many channels as a vector has lanes: no shuffle is needed, since a lane is a
/// channel in input and result. Rows of the result are computed one or two at a time and the tile is read again for each: its 36 pixels
/// would not fit into the registers, and the first-level cache delivers two a cycle.
/// </summary>
internal sealed class WinogradInputWriter(VectorDialect vectors, WinogradTransform transform)
{
    private int Size => transform.InputSize;

    /// <summary>The method that transforms a tile.</summary>
    public static string MethodOf(WinogradTransform transform) => "WinogradInput" + transform.Name;

    private string RowMethod => "WinogradInputRow" + transform.Name;

    /// <summary>Writes the method and the row method it calls.</summary>
    public void Write(CSharpWriter writer)
    {
        using (
            KernelText.Method(
                writer,
                Invariant(
                    $"Transforms one tile of {Size} x {Size} input pixels, {vectors.Lanes} channels; position p of the result is at "
                        + $"transformed + p * stride."
                ),
                Invariant($"private static void {MethodOf(transform)}(float* pixels, int rowPitch, float* transformed, int stride)")
            )
        )
        {
            for (var row = 0; row < Size; row++)
                writer.Line(row == 0 ? "float* row0 = pixels;" : Invariant($"float* row{row} = row{row - 1} + rowPitch;"));
            if (transform == WinogradTransform.FourByFour)
                new WinogradInputOfFourTaps(vectors).Write(writer, (row, results) => WriteRowCall(writer, row, results));
            else if (transform == WinogradTransform.Four)
                WriteFour(writer);
            else
                WriteTwo(writer);
        }

        writer.Line();
        WriteRowMethod(writer);
    }

    private void WriteFour(CSharpWriter writer)
    {
        WriteConstants(writer);
        WriteRow(
            writer,
            0,
            "4 d0 - 5 d2 + d4",
            column => vectors.MultiplyAdd("four", Pixel(0, column), vectors.MultiplyAdd("minusFive", Pixel(2, column), Pixel(4, column)))
        );
        WritePair(
            writer,
            1,
            "(d4 - 4 d2) + (d3 - 4 d1), and their difference",
            column =>
                (
                    vectors.MultiplyAdd("minusFour", Pixel(2, column), Pixel(4, column)),
                    vectors.MultiplyAdd("minusFour", Pixel(1, column), Pixel(3, column))
                ),
            (even, odd) => (vectors.Add(even, odd), vectors.Subtract(even, odd))
        );
        WritePair(
            writer,
            3,
            "(d4 - d2) + 2 (d3 - d1), and their difference",
            column => (vectors.Subtract(Pixel(4, column), Pixel(2, column)), vectors.Subtract(Pixel(3, column), Pixel(1, column))),
            (even, odd) => (vectors.MultiplyAdd("two", odd, even), vectors.MultiplyAdd("minusTwo", odd, even))
        );
        WriteRow(
            writer,
            5,
            "4 d1 - 5 d3 + d5",
            column => vectors.MultiplyAdd("four", Pixel(1, column), vectors.MultiplyAdd("minusFive", Pixel(3, column), Pixel(5, column)))
        );
    }

    private void WriteTwo(CSharpWriter writer)
    {
        WriteRow(writer, 0, "d0 - d2", column => vectors.Subtract(Pixel(0, column), Pixel(2, column)));
        WriteRow(writer, 1, "d1 + d2", column => vectors.Add(Pixel(1, column), Pixel(2, column)));
        WriteRow(writer, 2, "d2 - d1", column => vectors.Subtract(Pixel(2, column), Pixel(1, column)));
        WriteRow(writer, 3, "d1 - d3", column => vectors.Subtract(Pixel(1, column), Pixel(3, column)));
    }

    private void WriteRow(CSharpWriter writer, int row, string formula, Func<int, string> column)
    {
        writer.Line($"// Row {row}: {formula} of every column.");
        using (writer.Block())
        {
            for (var index = 0; index < Size; index++)
                writer.Line($"{vectors.Type} column{index} = {column(index)};");
            WriteRowCall(writer, row, "column");
        }
    }

    private void WritePair(
        CSharpWriter writer,
        int row,
        string formula,
        Func<int, (string Even, string Odd)> column,
        Func<string, string, (string First, string Second)> combine
    )
    {
        writer.Line($"// Rows {row} and {row + 1}: {formula}, of every column.");
        using (writer.Block())
        {
            for (var index = 0; index < Size; index++)
            {
                var (even, odd) = column(index);
                writer.Line($"{vectors.Type} even{index} = {even};");
                writer.Line($"{vectors.Type} odd{index} = {odd};");
                var (first, second) = combine(Invariant($"even{index}"), Invariant($"odd{index}"));
                writer.Line($"{vectors.Type} sum{index} = {first};");
                writer.Line($"{vectors.Type} difference{index} = {second};");
            }

            WriteRowCall(writer, row, "sum");
            WriteRowCall(writer, row + 1, "difference");
        }
    }

    private void WriteRowCall(CSharpWriter writer, int row, string name)
    {
        var arguments = string.Join(", ", Enumerable.Range(0, Size).Select(index => Invariant($"{name}{index}")));
        var target = row == 0 ? "transformed" : Invariant($"transformed + {row * Size} * stride");
        writer.Line($"{RowMethod}({arguments}, {target}, stride);");
    }

    /// <summary>The same combinations along a row; the results are stored a stride apart.</summary>
    private void WriteRowMethod(CSharpWriter writer)
    {
        var parameters = string.Join(", ", Enumerable.Range(0, Size).Select(index => Invariant($"{vectors.Type} d{index}")));
        writer.Line("/// <summary>Combines the columns of one row as the rows were combined, and stores its positions.</summary>");
        writer.Line("[Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]");
        using (writer.Block($"private static void {RowMethod}({parameters}, float* transformed, int stride)"))
        {
            if (transform == WinogradTransform.FourByFour)
            {
                WriteStores(writer, [.. new WinogradInputOfFourTaps(vectors).WriteRow(writer)]);
                return;
            }

            if (transform == WinogradTransform.Two)
            {
                WriteStores(
                    writer,
                    vectors.Subtract("d0", "d2"),
                    vectors.Add("d1", "d2"),
                    vectors.Subtract("d2", "d1"),
                    vectors.Subtract("d1", "d3")
                );
                return;
            }

            WriteConstants(writer);
            writer.Line($"{vectors.Type} even = {vectors.MultiplyAdd("minusFour", "d2", "d4")};");
            writer.Line($"{vectors.Type} odd = {vectors.MultiplyAdd("minusFour", "d1", "d3")};");
            writer.Line($"{vectors.Type} evenStep = {vectors.Subtract("d4", "d2")};");
            writer.Line($"{vectors.Type} oddStep = {vectors.Subtract("d3", "d1")};");
            WriteStores(
                writer,
                vectors.MultiplyAdd("four", "d0", vectors.MultiplyAdd("minusFive", "d2", "d4")),
                vectors.Add("even", "odd"),
                vectors.Subtract("even", "odd"),
                vectors.MultiplyAdd("two", "oddStep", "evenStep"),
                vectors.MultiplyAdd("minusTwo", "oddStep", "evenStep"),
                vectors.MultiplyAdd("four", "d1", vectors.MultiplyAdd("minusFive", "d3", "d5"))
            );
        }
    }

    private void WriteStores(CSharpWriter writer, params string[] values)
    {
        for (var index = 0; index < values.Length; index++)
            writer.Line(
                vectors.Store(
                    index == 0 ? "transformed"
                        : index == 1 ? "transformed + stride"
                        : Invariant($"transformed + {index} * stride"),
                    values[index]
                )
            );
    }

    private void WriteConstants(CSharpWriter writer)
    {
        foreach (
            var (name, literal) in new[] { ("two", "2f"), ("minusTwo", "-2f"), ("four", "4f"), ("minusFour", "-4f"), ("minusFive", "-5f") }
        )
            writer.Line($"{vectors.Type} {name} = {vectors.Constant(literal)};");
    }

    private string Pixel(int row, int column) => vectors.Load(KernelText.Offset(Invariant($"row{row}"), column * 16));
}

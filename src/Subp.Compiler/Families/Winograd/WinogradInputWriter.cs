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
        WriteRow(writer, 0, "225/256 d0 - 169/64 d2 + d4", column => Ends(index => Pixel(index, column), 0));
        WritePair(
            writer,
            1,
            "(d4 - 9/4 d2) + 5/8 (d3 - 9/4 d1), and their difference",
            column => Halves(index => Pixel(index, column), "minusOuterSquare"),
            (even, odd) => (vectors.MultiplyAdd("inner", odd, even), vectors.MultiplyAdd("minusInner", odd, even))
        );
        WritePair(
            writer,
            3,
            "(d4 - 25/64 d2) + 3/2 (d3 - 25/64 d1), and their difference",
            column => Halves(index => Pixel(index, column), "minusInnerSquare"),
            (even, odd) => (vectors.MultiplyAdd("outer", odd, even), vectors.MultiplyAdd("minusOuter", odd, even))
        );
        WriteRow(writer, 5, "225/256 d1 - 169/64 d3 + d5", column => Ends(index => Pixel(index, column), 1));
    }

    /// <summary>The combination that vanishes at both points and their negatives: of 0, and shifted by one of infinity.</summary>
    private string Ends(Func<int, string> value, int first) =>
        vectors.MultiplyAdd("squares", value(first), vectors.MultiplyAdd("minusSquareSum", value(first + 2), value(first + 4)));

    /// <summary>The even and the odd part of a point and its negative; both vanish where the square is that of the other point.</summary>
    private (string Even, string Odd) Halves(Func<int, string> value, string minusSquare) =>
        (vectors.MultiplyAdd(minusSquare, value(2), value(4)), vectors.MultiplyAdd(minusSquare, value(1), value(3)));

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
            static string Value(int index) => Invariant($"d{index}");
            foreach (var (name, square) in new[] { ("inner", "minusOuterSquare"), ("outer", "minusInnerSquare") })
            {
                var (even, odd) = Halves(Value, square);
                writer.Line($"{vectors.Type} {name}Even = {even};");
                writer.Line($"{vectors.Type} {name}Odd = {odd};");
            }

            WriteStores(
                writer,
                Ends(Value, 0),
                vectors.MultiplyAdd("inner", "innerOdd", "innerEven"),
                vectors.MultiplyAdd("minusInner", "innerOdd", "innerEven"),
                vectors.MultiplyAdd("outer", "outerOdd", "outerEven"),
                vectors.MultiplyAdd("minusOuter", "outerOdd", "outerEven"),
                Ends(Value, 1)
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
        const double inner = WinogradTransform.Inner,
            outer = WinogradTransform.Outer;
        foreach (
            var (name, value) in new[]
            {
                ("inner", inner),
                ("minusInner", -inner),
                ("outer", outer),
                ("minusOuter", -outer),
                ("minusInnerSquare", -inner * inner),
                ("minusOuterSquare", -outer * outer),
                ("squares", inner * inner * outer * outer),
                ("minusSquareSum", -((inner * inner) + (outer * outer))),
            }
        )
            writer.Line($"{vectors.Type} {name} = {vectors.Constant(WinogradTransform.Literal(value))};");
    }

    private string Pixel(int row, int column) => vectors.Load(KernelText.Offset(Invariant($"row{row}"), column * 16));
}

using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// Bᵀ of F(4x4,4x4), for the points 0, 1, -1, 2, -2, 1/2 and infinity. All rows but that of 1/2 are differences d[i + 1] - d[i] / 2,
/// combined; the rows of 1 and -1, and of 2 and -2, are sum and difference of two such combinations.
/// </summary>
internal sealed class WinogradInputOfFourTaps(VectorDialect vectors)
{
    private const int Size = 7;

    /// <summary>Writes the rows of the result, one or two at a time.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="call">Writes what is done with a row, given the stem of the names of its columns.</param>
    public void Write(CSharpWriter writer, Action<int, string> call)
    {
        WriteConstants(writer);
        WriteSingle(writer, 0, "4 e0 - 5 e2 + e4, where e(i) = d(i+1) - d(i) / 2", call, column => Outer(column, 0));
        WritePair(writer, 1, "(e4 - 4 e2) + (e3 - 4 e1), and their difference", call, "minusFour", "one");
        WritePair(writer, 3, "(e4 - e2) + 2 (e3 - e1), and their difference", call, "minusOne", "two");
        WriteSingle(
            writer,
            5,
            "4 d1 - 5 d3 + d5",
            call,
            column => vectors.MultiplyAdd("four", Pixel(1, column), vectors.MultiplyAdd("minusFive", Pixel(3, column), Pixel(5, column)))
        );
        WriteSingle(writer, 6, "4 e1 - 5 e3 + e5", call, column => Outer(column, 1));
    }

    /// <summary>Writes the same along a row, whose values are d0 to d6.</summary>
    /// <returns>The seven results.</returns>
    public IEnumerable<string> WriteRow(CSharpWriter writer)
    {
        WriteConstants(writer);
        for (var index = 0; index < Size - 1; index++)
            writer.Line(Invariant($"{vectors.Type} e{index} = {vectors.MultiplyAdd("minusHalf", $"d{index}", $"d{index + 1}")};"));
        writer.Line($"{vectors.Type} even = {vectors.MultiplyAdd("minusFour", "e2", "e4")};");
        writer.Line($"{vectors.Type} odd = {vectors.MultiplyAdd("minusFour", "e1", "e3")};");
        writer.Line($"{vectors.Type} evenStep = {vectors.Subtract("e4", "e2")};");
        writer.Line($"{vectors.Type} oddStep = {vectors.Subtract("e3", "e1")};");
        return
        [
            vectors.MultiplyAdd("four", "e0", vectors.MultiplyAdd("minusFive", "e2", "e4")),
            vectors.Add("even", "odd"),
            vectors.Subtract("even", "odd"),
            vectors.MultiplyAdd("two", "oddStep", "evenStep"),
            vectors.MultiplyAdd("minusTwo", "oddStep", "evenStep"),
            vectors.MultiplyAdd("four", "d1", vectors.MultiplyAdd("minusFive", "d3", "d5")),
            vectors.MultiplyAdd("four", "e1", vectors.MultiplyAdd("minusFive", "e3", "e5")),
        ];
    }

    private void WriteSingle(CSharpWriter writer, int row, string formula, Action<int, string> call, Func<int, string> column)
    {
        writer.Line($"// Row {row}: {formula}, of every column.");
        using (writer.Block())
        {
            for (var index = 0; index < Size; index++)
                writer.Line($"{vectors.Type} column{index} = {column(index)};");
            call(row, "column");
        }
    }

    // The two rows of a point and its negative: the even half is e4 + factor e2, the odd half e3 + factor e1, times the point.
    private void WritePair(CSharpWriter writer, int row, string formula, Action<int, string> call, string factor, string point)
    {
        writer.Line($"// Rows {row} and {row + 1}: {formula}, of every column.");
        using (writer.Block())
        {
            for (var index = 0; index < Size; index++)
            {
                writer.Line($"{vectors.Type} even{index} = {Half(index, 2, factor)};");
                writer.Line($"{vectors.Type} odd{index} = {Half(index, 1, factor)};");
                var (even, odd) = (Invariant($"even{index}"), Invariant($"odd{index}"));
                var (sum, difference) =
                    point == "two"
                        ? (vectors.MultiplyAdd("two", odd, even), vectors.MultiplyAdd("minusTwo", odd, even))
                        : (vectors.Add(even, odd), vectors.Subtract(even, odd));
                writer.Line($"{vectors.Type} sum{index} = {sum};");
                writer.Line($"{vectors.Type} difference{index} = {difference};");
            }

            call(row, "sum");
            call(row + 1, "difference");
        }
    }

    private string Half(int column, int first, string factor) =>
        factor == "minusOne"
            ? vectors.Subtract(Difference(first + 2, column), Difference(first, column))
            : vectors.MultiplyAdd(factor, Difference(first, column), Difference(first + 2, column));

    private string Outer(int column, int first) =>
        vectors.MultiplyAdd(
            "four",
            Difference(first, column),
            vectors.MultiplyAdd("minusFive", Difference(first + 2, column), Difference(first + 4, column))
        );

    private string Difference(int row, int column) => vectors.MultiplyAdd("minusHalf", Pixel(row, column), Pixel(row + 1, column));

    private string Pixel(int row, int column) => vectors.Load(KernelText.Offset(Invariant($"row{row}"), column * 16));

    private void WriteConstants(CSharpWriter writer)
    {
        foreach (
            var (name, literal) in new[]
            {
                ("two", "2f"),
                ("minusTwo", "-2f"),
                ("four", "4f"),
                ("minusFour", "-4f"),
                ("minusFive", "-5f"),
                ("minusHalf", "-0.5f"),
            }
        )
            writer.Line($"{vectors.Type} {name} = {vectors.Constant(literal)};");
    }
}

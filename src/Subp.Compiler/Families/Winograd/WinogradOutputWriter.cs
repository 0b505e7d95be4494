using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>What is done to a pixel when its tile is transformed back: variants of layers that agree in it share one method.</summary>
/// <param name="Transform">The transform.</param>
/// <param name="Lanes">Output channels of a vector.</param>
/// <param name="Activation">The clamp.</param>
/// <param name="HasResidual">Whether a value is added before the clamp.</param>
internal sealed record WinogradEpilogue(WinogradTransform Transform, int Lanes, Activation Activation, bool HasResidual)
{
    /// <summary>The epilogue of tiles at an edge, whose pixels are finished when they are copied.</summary>
    public WinogradEpilogue Plain => this with { Activation = Activation.None, HasResidual = false };
}

/// <summary>
/// Writes the transform of the products of one tile back into output pixels, Aᵀ M A, with bias, residual and clamp; a lane is an output
/// channel. Down the columns first: each column of products becomes m values, which stay in registers until the rows are combined.
/// </summary>
internal sealed class WinogradOutputWriter(VectorDialect vectors, WinogradEpilogue epilogue, string suffix)
{
    private int Outputs => epilogue.Transform.OutputSize;

    /// <summary>True where the point 1/2 is among those of the transform.</summary>
    private bool HasHalf => epilogue.Transform.KernelSize == 4;

    private int Size => epilogue.Transform.InputSize;

    /// <summary>The method that writes a whole tile.</summary>
    public static string MethodOf(WinogradTransform transform, string suffix) => Invariant($"WinogradOutput{transform.Name}{suffix}");

    /// <summary>The method that copies the part of a tile that lies inside the image.</summary>
    public static string EdgeMethodOf(WinogradTransform transform, string suffix) => Invariant($"WinogradEdge{transform.Name}{suffix}");

    /// <summary>Writes the method of whole tiles.</summary>
    public void Write(CSharpWriter writer)
    {
        var residual = epilogue.HasResidual ? ", float* residual, int residualPitch" : "";
        using (
            KernelText.Method(
                writer,
                Invariant(
                    $"Transforms the products of one tile, {vectors.Lanes} output channels, into {Outputs} x {Outputs} pixels; position "
                        + $"p is at products + p * stride."
                ),
                $"private static void {MethodOf(epilogue.Transform, suffix)}(float* products, int stride, float* bias, float* output, int "
                    + $"rowPitch{residual})"
            )
        )
        {
            foreach (var (name, literal) in Constants())
                writer.Line($"{vectors.Type} {name} = {vectors.Constant(literal)};");

            writer.Line($"{vectors.Type} start = {vectors.Load("bias")};");
            writer.Line($"int rowStride = {Size} * stride;");
            for (var column = 0; column < Size; column++)
                WriteColumn(writer, column);
            for (var row = 0; row < Outputs; row++)
                WriteRow(writer, row);
        }

        writer.Line();
    }

    /// <summary>Writes the method that copies the pixels of a tile that lie inside the image.</summary>
    public void WriteEdge(CSharpWriter writer)
    {
        var residual = epilogue.HasResidual ? ", float* residual, int residualPitch" : "";
        using (
            KernelText.Method(
                writer,
                Invariant(
                    $"Finishes the pixels of a tile at the right or lower edge that lie inside the image; the tile is {Outputs} x "
                        + $"{Outputs} pixels of 16 floats."
                ),
                $"private static void {EdgeMethodOf(epilogue.Transform, suffix)}(float* tile, float* output, int rowPitch{residual}, int rows, int "
                    + "columns)"
            )
        )
        {
            using (writer.Block("for (int row = 0; row < rows; row++)"))
            {
                using (writer.Block("for (int column = 0; column < columns; column++)"))
                {
                    writer.Line($"{vectors.Type} value = {vectors.Load(Invariant($"tile + row * {Outputs * 16} + column * 16"))};");
                    if (epilogue.HasResidual)
                        writer.Line($"value = {vectors.Add("value", vectors.Load("residual + row * residualPitch + column * 16"))};");
                    writer.Line(
                        vectors.Store("output + row * rowPitch + column * 16", ActivationText.Apply(vectors, epilogue.Activation, "value"))
                    );
                }
            }
        }

        writer.Line();
    }

    /// <summary>The points but 0, 1 and their negatives, their squares and cubes.</summary>
    private (string Name, string Literal)[] Constants() =>
        (Outputs, HasHalf) switch
        {
            (4, true) => [("two", "2f"), ("four", "4f"), ("eight", "8f"), ("half", "0.5f"), ("quarter", "0.25f"), ("eighth", "0.125f")],
            (4, false) =>
            [
                ("inner", WinogradTransform.Literal(WinogradTransform.Inner)),
                ("innerSquare", WinogradTransform.Literal(Math.Pow(WinogradTransform.Inner, 2))),
                ("innerCube", WinogradTransform.Literal(Math.Pow(WinogradTransform.Inner, 3))),
                ("outer", WinogradTransform.Literal(WinogradTransform.Outer)),
                ("outerSquare", WinogradTransform.Literal(Math.Pow(WinogradTransform.Outer, 2))),
                ("outerCube", WinogradTransform.Literal(Math.Pow(WinogradTransform.Outer, 3))),
            ],
            _ => [],
        };

    private void WriteColumn(CSharpWriter writer, int column)
    {
        writer.Line();
        writer.Line($"// Column {column} of the products becomes {Outputs} values.");
        for (var row = 0; row < Outputs; row++)
            writer.Line($"{vectors.Type} {Value(row, column)};");
        using (writer.Block())
        {
            for (var row = 0; row < Size; row++)
            {
                var address = "products" + Term(row, "rowStride") + Term(column, "stride");
                writer.Line($"{vectors.Type} m{row} = {vectors.Load(address)};");
            }

            var values = Combine(writer, index => Invariant($"m{index}"), "m0");
            for (var row = 0; row < Outputs; row++)
                writer.Line($"{Value(row, column)} = {values[row]};");
        }
    }

    private void WriteRow(CSharpWriter writer, int row)
    {
        writer.Line();
        writer.Line($"// Row {row} of the pixels.");
        using (writer.Block())
        {
            writer.Line($"{vectors.Type} first = {vectors.Add(Value(row, 0), "start")};");
            var values = Combine(writer, index => Value(row, index), "first", last: "start");
            for (var column = 0; column < Outputs; column++)
            {
                var value = values[column];
                if (epilogue.HasResidual)
                    value = vectors.Add(
                        value,
                        vectors.Load("residual" + Term(row, "residualPitch") + (column == 0 ? "" : Invariant($" + {column * 16}")))
                    );
                writer.Line(
                    vectors.Store(
                        "output" + Term(row, "rowPitch") + (column == 0 ? "" : Invariant($" + {column * 16}")),
                        ActivationText.Apply(vectors, epilogue.Activation, value)
                    )
                );
            }
        }
    }

    /// <summary>
    /// One row of Aᵀ applied to the values of a row or column; where <paramref name="last"/> is given, it is added to every result but the first, which
    /// has it in its first value.
    /// </summary>
    private string[] Combine(CSharpWriter writer, Func<int, string> value, string first, string? last = null)
    {
        string With(string sum) => last is null ? sum : vectors.Add(sum, last);
        if (Outputs == 2)
        {
            writer.Line($"{vectors.Type} difference = {With(vectors.Subtract(value(1), value(2)))};");
            return [vectors.Add(vectors.Add(value(1), value(2)), first), vectors.Subtract("difference", value(3))];
        }

        writer.Line($"{vectors.Type} sum1 = {vectors.Add(value(1), value(2))};");
        writer.Line($"{vectors.Type} difference1 = {vectors.Subtract(value(1), value(2))};");
        writer.Line($"{vectors.Type} sum2 = {vectors.Add(value(3), value(4))};");
        writer.Line($"{vectors.Type} difference2 = {vectors.Subtract(value(3), value(4))};");
        if (HasHalf)
            return
            [
                vectors.Add(vectors.Add(first, value(5)), vectors.Add("sum1", "sum2")),
                With(vectors.MultiplyAdd("half", value(5), vectors.MultiplyAdd("two", "difference2", "difference1"))),
                With(vectors.MultiplyAdd("quarter", value(5), vectors.MultiplyAdd("four", "sum2", "sum1"))),
                With(
                    vectors.MultiplyAdd(
                        "eighth",
                        value(5),
                        vectors.Add(vectors.MultiplyAdd("eight", "difference2", "difference1"), value(6))
                    )
                ),
            ];
        string Scaled(string factor, string sum) => last is null ? vectors.Multiply(factor, sum) : vectors.MultiplyAdd(factor, sum, last);
        return
        [
            vectors.Add(first, vectors.Add("sum1", "sum2")),
            vectors.MultiplyAdd("outer", "difference2", Scaled("inner", "difference1")),
            vectors.MultiplyAdd("outerSquare", "sum2", Scaled("innerSquare", "sum1")),
            With(vectors.MultiplyAdd("outerCube", "difference2", vectors.MultiplyAdd("innerCube", "difference1", value(5)))),
        ];
    }

    private static string Value(int row, int column) => Invariant($"row{row}Column{column}");

    private static string Term(int count, string step) =>
        count switch
        {
            0 => "",
            1 => " + " + step,
            _ => Invariant($" + {count} * {step}"),
        };
}

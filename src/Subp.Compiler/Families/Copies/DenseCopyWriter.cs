using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Loops;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Copies;

/// <summary>
/// Writes copies: piece by piece, runs as runs, and small transpositions where source and target run along different axes.
/// </summary>
internal static class DenseCopyWriter
{
    /// <summary>Runs from here on are copied by the base library.</summary>
    private const int LongRun = 64;

    /// <summary>So many columns of an exchange, or fewer, are written out.</summary>
    private const int FewColumns = 4;

    /// <summary>Columns of an exchange that are a cache line of the target.</summary>
    private const int ExchangedColumns = 16;

    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, DenseCopyPlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        string[] inputs =
            plan.Operands.Count == 2
                ? ["input"]
                : [.. Enumerable.Range(0, plan.Operands.Count - 1).Select(index => Invariant($"input{index}"))];
        using (
            FamilyText.Method(
                writer,
                plan,
                set,
                Invariant($"{plan.Node.Shape} in {KernelText.Count(plan.Pieces.Count, "piece")}"),
                [.. inputs, "output"]
            )
        )
        {
            foreach (var (piece, axis) in CopyTables.Of(plan))
                writer.Line(
                    $"int* distances{piece}{(char)('A' + axis)} = (int*)Runtime::Unsafe.AsPointer(ref "
                        + $"Interop::MemoryMarshal.GetReference({CopyTables.Name(plan, piece, axis)}));"
                );
            for (var index = 0; index < plan.Pieces.Count; index++)
                WritePiece(writer, plan, index, inputs, vectors);
        }

        writer.Line();
    }

    private static void WritePiece(CSharpWriter writer, DenseCopyPlan plan, int index, string[] inputs, VectorDialect vectors)
    {
        var piece = plan.Pieces[index];
        var cast = plan.IsBytes ? "(byte*)" : "";
        (string, string)[] pointers =
            piece.Input < 0 ? [($"{cast}output", "target")] : [($"{cast}{inputs[piece.Input]}", "source"), ($"{cast}output", "target")];
        string Table(int operand, int axis) => Invariant($"distances{index}{(char)('A' + axis)}");
        void Run(string count) => WriteRun(writer, plan, index, vectors, count);
        if (plan.Pieces.Count == 1)
        {
            LoopNestWriter.Write(writer, piece.Nest, pointers, Table, Run, ("range.TileFrom", "range.TileTo"), plan.Element);
            return;
        }

        var end = piece.FirstTile + piece.Nest.Tiles;
        var what = piece.Input < 0 ? $"the constant {plan.ConstantText}" : $"elements of {inputs[piece.Input]}";
        writer.Line($"// Tasks {piece.FirstTile} to {end - 1}: {what}.");
        if (piece.Nest.Indices == 1)
        {
            using (writer.Block($"if (range.TileFrom <= {piece.FirstTile} && range.TileTo > {piece.FirstTile})"))
                LoopNestWriter.Write(writer, piece.Nest, pointers, Table, Run, ("0", "1"), plan.Element);
            return;
        }

        using (writer.Block())
        {
            writer.Line($"int from = System::Math.Max(0, range.TileFrom - {piece.FirstTile});");
            writer.Line($"int to = System::Math.Min({piece.Nest.Tiles}, range.TileTo - {piece.FirstTile});");
            LoopNestWriter.Write(writer, piece.Nest, pointers, Table, Run, ("from", "to"), plan.Element);
        }
    }

    private static void WriteRun(CSharpWriter writer, DenseCopyPlan plan, int index, VectorDialect vectors, string count)
    {
        var piece = plan.Pieces[index];
        var run = piece.Nest.Extents.Count - 1;
        if (piece.Exchange is { } exchange)
        {
            WriteExchange(writer, exchange, plan.Element);
            return;
        }

        var source = piece.Nest.Operands[0];
        var target = piece.Nest.Operands[piece.Nest.Operands.Count - 1].Strides[run];
        if (piece.Input < 0)
            WriteConstant(writer, plan.Element, plan.ConstantText, count, target);
        else if (CopyTables.Repeats(plan, piece) is { } repeats)
            WriteRepeated(writer, vectors, piece.Nest.Run, repeats);
        else if (source.Table(run) is not null)
            WriteElements(
                writer,
                count,
                Invariant($"distances{index}{(char)('A' + run)}[{(piece.Nest.Chunks > 1 ? "first + i" : "i")}]"),
                target
            );
        else if (source.Strides[run] == 0)
            WriteConstant(writer, plan.Element, "*source", count, target);
        else if (source.Strides[run] != 1 || target != 1)
            WriteElements(writer, count, KernelText.Scaled("i", source.Strides[run]), target);
        else if (piece.Nest.Run >= LongRun || plan.IsBytes)
            writer.Line(
                $"new System::ReadOnlySpan<{plan.Element}>(source, {count}).CopyTo(new System::Span<{plan.Element}>(target, {count}));"
            );
        else
            RunWriter.Write(writer, vectors, count, 1, vector => writer.Line(vector.Store("target", vector.Load("source"))));
    }

    private static void WriteConstant(CSharpWriter writer, string element, string value, string count, int stride)
    {
        if (stride is 0 or 1)
        {
            writer.Line($"new System::Span<{element}>(target, {count}).Fill({value});");
            return;
        }

        writer.Line($"for (int i = 0; i < {count}; i++)");
        using (writer.Indented())
            writer.Line($"target[i * {stride}] = {value};");
    }

    private static void WriteElements(CSharpWriter writer, string count, string source, int target)
    {
        writer.Line($"for (int i = 0; i < {count}; i++)");
        using (writer.Indented())
            writer.Line($"target[{KernelText.Scaled("i", Math.Max(1, target))}] = source[{source}];");
    }

    // Few columns are written out. Of many, as many as fill a line of the target are written out and walked along the rows, so that their
    // lines of the source stay in the nearest cache until all of each is read.
    private static void WriteExchange(CSharpWriter writer, Exchange exchange, string element)
    {
        writer.Line("// Rows of the target are columns of the source.");
        var whole = exchange.Columns <= FewColumns ? 0 : exchange.Columns / ExchangedColumns * ExchangedColumns;
        if (whole > 0)
        {
            using (writer.Block($"for (int column = 0; column < {whole}; column += {ExchangedColumns})"))
            {
                writer.Line($"{element}* columns = source + {KernelText.Scaled("column", exchange.SourceStride)};");
                writer.Line($"{element}* rows = target + column;");
                using (writer.Block($"for (int row = 0; row < {exchange.Rows}; row++, columns++, rows += {exchange.TargetStride})"))
                    WriteColumns(0, ExchangedColumns, "rows", "columns");
            }
        }

        if (whole == exchange.Columns)
            return;
        using (writer.Block($"for (int row = 0; row < {exchange.Rows}; row++)"))
        {
            writer.Line($"{element}* elements = source + row;");
            writer.Line($"{element}* line = target + {KernelText.Scaled("row", exchange.TargetStride)};");
            WriteColumns(whole, exchange.Columns, "line", "elements");
        }

        void WriteColumns(int from, int to, string target, string source)
        {
            for (var column = from; column < to; column++)
                writer.Line($"{target}[{column}] = {source}[{(long)column * exchange.SourceStride}];");
        }
    }

    // Every element of a stretch several times: a vector of the source becomes several of the target.
    private static void WriteRepeated(CSharpWriter writer, VectorDialect vectors, int count, int repeats)
    {
        var simd = VectorMathematics.Simd(vectors);
        var elements = count / repeats;
        var whole = elements / vectors.Lanes * vectors.Lanes;
        writer.Line($"// Every element {KernelText.Count(repeats, "time")}.");
        if (whole > 0)
        {
            using (writer.Block($"for (int i = 0; i < {whole}; i += {vectors.Lanes})"))
            {
                writer.Line($"{vectors.Type} x = {vectors.Load("source + i")};");
                for (var part = 0; part < repeats; part++)
                {
                    var lanes = Enumerable.Range(part * vectors.Lanes, vectors.Lanes).Select(lane => Invariant($"{lane / repeats}"));
                    var value = $"{simd}.Shuffle(x, {simd}.Create({string.Join(", ", lanes)}))";
                    writer.Line(vectors.Store(KernelText.Offset($"target + i * {repeats}", part * vectors.Lanes), value));
                }
            }
        }

        if (whole == elements)
            return;
        using (writer.Block($"for (int i = {whole}; i < {elements}; i++)"))
        {
            for (var copy = 0; copy < repeats; copy++)
                writer.Line($"target[{KernelText.Offset($"i * {repeats}", copy)}] = source[i];");
        }
    }
}

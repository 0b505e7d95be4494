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
            WriteExchange(writer, exchange);
            return;
        }

        var source = piece.Nest.Operands[0];
        var target = piece.Nest.Operands[piece.Nest.Operands.Count - 1].Strides[run];
        if (piece.Input < 0)
            WriteConstant(writer, plan.Element, plan.ConstantText, count, target);
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

    // Few columns are written out; many are walked in the inner loop, so that whole lines of the target are filled one after the other.
    private static void WriteExchange(CSharpWriter writer, Exchange exchange)
    {
        writer.Line("// Rows of the target are columns of the source.");
        using (writer.Block($"for (int row = 0; row < {exchange.Rows}; row++)"))
        {
            if (exchange.Columns <= 4)
            {
                for (var column = 0; column < exchange.Columns; column++)
                {
                    var target = KernelText.Offset(Invariant($"row * {exchange.TargetStride}"), column);
                    writer.Line($"target[{target}] = source[{KernelText.Offset("row", column * exchange.SourceStride)}];");
                }
                return;
            }

            writer.Line($"for (int column = 0; column < {exchange.Columns}; column++)");
            using (writer.Indented())
                writer.Line($"target[row * {exchange.TargetStride} + column] = source[column * {exchange.SourceStride} + row];");
        }
    }
}

using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.MatrixProducts;

/// <summary>Writes the layer method of matrix products: which rows of which product, in tiles of <see cref="MatrixTileWriter"/>.</summary>
internal static class MatrixProductWriter
{
    /// <summary>Writes the methods for one instruction set.</summary>
    public static void Write(CSharpWriter writer, MatrixProductPlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var rows = MatrixTileWriter.Rows(vectors);
        string[] pointers = ["left", "right", .. plan.HasBias ? (string[])["bias"] : [], "output"];
        using (
            FamilyText.Method(
                writer,
                plan,
                set,
                Invariant(
                    $"{KernelText.Count(plan.Products.Count, "product")} of {plan.Rows} x {plan.Inner} and {plan.Inner} x {plan.Columns}, "
                ) + Invariant($"in tiles of {Math.Min(rows, plan.Rows)} rows"),
                pointers
            )
        )
        {
            writer.Line($"// A task is up to {Math.Min(MatrixProductPlan.TaskRows, plan.Rows)} rows of one product.");
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
                WriteTask(writer, plan, rows);
        }

        writer.Line();
        if (plan.Rows >= rows)
            MatrixTileWriter.Write(writer, plan, vectors, rows);
        if (plan.Rows % rows > 0)
            MatrixTileWriter.Write(writer, plan, vectors, plan.Rows % rows);
    }

    /// <summary>Writes the table of where the matrices of each product begin, where that is not one distance after the other.</summary>
    public static void WriteTables(CSharpWriter writer, MatrixProductPlan plan)
    {
        if (IsEven(plan))
            return;
        writer.Line("/// <summary>Per product, the distance in floats of the left and of the right matrix.</summary>");
        var distances = plan.Products.SelectMany(product => new[] { product.Left, product.Right });
        writer.Line(
            $"private static System::ReadOnlySpan<int> {plan.MethodStem}_Products => [{Emission.Runtime.CSharpText.Numbers(distances)}];"
        );
        writer.Line();
    }

    private static void WriteTask(CSharpWriter writer, MatrixProductPlan plan, int rows)
    {
        var tasks = plan.TasksPerProduct;
        writer.Line(tasks == 1 ? "int product = tile;" : Invariant($"int product = tile / {tasks};"));
        writer.Line(tasks == 1 ? "int row = 0;" : Invariant($"int row = (tile - product * {tasks}) * {MatrixProductPlan.TaskRows};"));
        writer.Line(
            tasks == 1
                ? Invariant($"int rowTo = {plan.Rows};")
                : Invariant($"int rowTo = System::Math.Min({plan.Rows}, row + {MatrixProductPlan.TaskRows});")
        );
        if (plan.Products.Count == 1)
        {
            writer.Line($"float* lefts = left + row * {plan.Inner};");
            writer.Line("float* rights = right;");
        }
        else if (IsEven(plan))
        {
            var (left, right) = plan.Products[1];
            writer.Line($"float* lefts = left + product * {left} + row * {plan.Inner};");
            writer.Line($"float* rights = right + product * {right};");
        }
        else
        {
            writer.Line($"float* lefts = left + {plan.MethodStem}_Products[2 * product] + row * {plan.Inner};");
            writer.Line($"float* rights = right + {plan.MethodStem}_Products[2 * product + 1];");
        }

        writer.Line($"float* targets = output + (product * {plan.Rows} + row) * {plan.Columns};");
        if (plan.Rows >= rows)
        {
            using (
                writer.Block(
                    $"for (; row + {rows} <= rowTo; row += {rows}, lefts += {rows * plan.Inner}, targets += {rows * plan.Columns})"
                )
            )
                writer.Line(Call(plan, rows));
        }

        if (plan.Rows % rows == 0)
            return;
        writer.Line("if (row < rowTo)");
        using (writer.Indented())
            writer.Line(Call(plan, plan.Rows % rows));
    }

    private static string Call(MatrixProductPlan plan, int rows) =>
        Invariant($"{MatrixTileWriter.Name(plan, rows)}(lefts, rights, {(plan.HasBias ? "bias, " : "")}targets);");

    private static bool IsEven(MatrixProductPlan plan)
    {
        for (var index = 2; index < plan.Products.Count; index++)
        {
            if (plan.Products[index] != (index * plan.Products[1].Left, index * plan.Products[1].Right))
                return false;
        }

        return true;
    }
}

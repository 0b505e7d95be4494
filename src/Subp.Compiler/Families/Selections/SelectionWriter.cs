using Subp.Compiler.Emission;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Selections;

/// <summary>
/// Writes the search for the best elements along an axis: their places are a heap with the worst in front, in the memory of the result, and
/// are taken out of it worst first, which leaves them sorted.
/// </summary>
internal static class SelectionWriter
{
    /// <summary>Writes the methods; the code is the same for all instruction sets.</summary>
    public static void Write(CSharpWriter writer, SelectionPlan plan, InstructionSet set)
    {
        var (extent, inner, count) = (plan.Extent, plan.Inner, plan.Top.Count);
        var sentence = Invariant($"the {(plan.Top.IsSmallest ? "smallest" : "largest")} {count} of {extent}, elements {inner} apart");
        using (FamilyText.Method(writer, plan, set, sentence, ["input", "output"]))
        {
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                if (inner == 1)
                    WriteRow(writer, plan, "");
                else
                    using (writer.Block($"for (int column = 0; column < {inner}; column++)"))
                        WriteRow(writer, plan, " + column");
            }
        }

        writer.Line();
        WriteSift(writer, plan);
        WritePrecedes(writer, plan);
    }

    private static void WriteRow(CSharpWriter writer, SelectionPlan plan, string column)
    {
        var (extent, inner, count, stem) = (plan.Extent, plan.Inner, plan.Top.Count, plan.MethodStem);
        writer.Line($"float* source = input + tile * {extent * inner}{column};");
        writer.Line($"float* places = output + tile * {count * inner}{column};");
        writer.Line("// The first elements, as a heap with the worst in front.");
        writer.Line($"for (int i = 0; i < {count}; i++)");
        using (writer.Indented())
            writer.Line($"places[{At("i", inner)}] = i;");
        writer.Line($"for (int root = {count / 2}; root > 0; root--)");
        using (writer.Indented())
            writer.Line($"{stem}_Sift(source, places, root - 1, {count});");
        if (count < extent)
        {
            writer.Line();
            writer.Line("// A better one takes the place of the worst.");
            using (writer.Block($"for (int i = {count}; i < {extent}; i++)"))
            {
                writer.Line($"if (!{stem}_Precedes(source, i, (int)places[0]))");
                using (writer.Indented())
                    writer.Line("continue;");
                writer.Line("places[0] = i;");
                writer.Line($"{stem}_Sift(source, places, 0, {count});");
            }
        }

        writer.Line();
        writer.Line("// The worst of those that are left goes behind them.");
        using (writer.Block($"for (int last = {count - 1}; last > 0; last--)"))
        {
            writer.Line($"float place = places[{At("last", inner)}];");
            writer.Line($"places[{At("last", inner)}] = places[0];");
            writer.Line("places[0] = place;");
            writer.Line($"{stem}_Sift(source, places, 0, last);");
        }
    }

    private static void WriteSift(CSharpWriter writer, SelectionPlan plan)
    {
        var (inner, stem) = (plan.Inner, plan.MethodStem);
        writer.Line("/// <summary>Lets a place sink below those that come behind it.</summary>");
        using (writer.Block($"private static void {stem}_Sift(float* source, float* places, int root, int count)"))
        {
            using (writer.Block("for (int child = 2 * root + 1; child < count; child = 2 * root + 1)"))
            {
                writer.Line(
                    $"if (child + 1 < count && {stem}_Precedes(source, (int)places[{At("child", inner)}], "
                        + $"(int)places[{At("(child + 1)", inner)}]))"
                );
                using (writer.Indented())
                    writer.Line("child++;");
                writer.Line($"if (!{stem}_Precedes(source, (int)places[{At("root", inner)}], (int)places[{At("child", inner)}]))");
                using (writer.Indented())
                    writer.Line("return;");
                writer.Line($"float place = places[{At("root", inner)}];");
                writer.Line($"places[{At("root", inner)}] = places[{At("child", inner)}];");
                writer.Line($"places[{At("child", inner)}] = place;");
                writer.Line("root = child;");
            }
        }

        writer.Line();
    }

    private static void WritePrecedes(CSharpWriter writer, SelectionPlan plan)
    {
        writer.Line(
            "/// <summary>Whether one element comes before another: the better, of equal ones the first, numbers before others.</summary>"
        );
        using (writer.Block($"private static bool {plan.MethodStem}_Precedes(float* source, int one, int other)"))
        {
            writer.Line($"float x = source[{At("one", plan.Inner)}];");
            writer.Line($"float y = source[{At("other", plan.Inner)}];");
            writer.Line($"if (x {(plan.Top.IsSmallest ? "<" : ">")} y)");
            using (writer.Indented())
                writer.Line("return true;");
            writer.Line("if (float.IsNaN(y))");
            using (writer.Indented())
                writer.Line("return !float.IsNaN(x) || one < other;");
            writer.Line("return x == y && one < other;");
        }

        writer.Line();
    }

    private static string At(string index, int inner) => inner == 1 ? index.Trim('(', ')') : Invariant($"{index} * {inner}");
}

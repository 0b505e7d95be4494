using Subp.Compiler.Emission;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Writes copies of single elements from computed indices: each is checked before anything is read.</summary>
internal static class IndexedElementWriter
{
    /// <summary>Writes the methods; the code is the same for all instruction sets.</summary>
    public static void Write(CSharpWriter writer, IndexedElementPlan plan, InstructionSet set)
    {
        var (loops, run) = (plan.Loops, plan.Run);
        var sentence = Invariant($"{plan.Node.Shape.ElementCount} indices of {plan.Extent}, elements {plan.Inner} apart");
        using (FamilyText.Method(writer, plan, set, sentence, ["data", "indices", "output"]))
        {
            writer.Line("// A task is a row of indices that lie side by side.");
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                WriteSource(writer, [.. loops.Take(loops.Count - 1)]);
                writer.Line($"int row = tile * {run};");
                using (writer.Block($"for (int column = 0; column < {run}; column++)"))
                {
                    var index = IndexCheck.Call(plan, "indices[row + column]", plan.Extent);
                    var along = loops[loops.Count - 1].Stride == 0 ? "" : " + " + Times("column", loops[loops.Count - 1].Stride);
                    writer.Line($"output[row + column] = source[{Times(index, plan.Inner)}{along}];");
                }
            }
        }

        writer.Line();
        IndexCheck.Write(writer, plan);
    }

    // Where the row lies but for the axis of the indices.
    private static void WriteSource(CSharpWriter writer, IReadOnlyList<(int Extent, int Stride)> outer)
    {
        var (offset, below) = ("", 1);
        for (var loop = outer.Count - 1; loop >= 0; loop--)
        {
            var (extent, stride) = outer[loop];
            var count = below == 1 ? "tile" : Invariant($"tile / {below}");
            if (stride > 0)
                offset += " + " + Times(loop == 0 ? count : $"{count} % {extent}", stride);
            below *= extent;
        }

        writer.Line($"float* source = data{offset};");
    }

    private static string Times(string factor, int count) => count == 1 ? factor : Invariant($"{factor} * {count}");
}

using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Runtime;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Copies;

/// <summary>Writes the tables of copies whose indices follow no step.</summary>
internal static class CopyTables
{
    /// <summary>The name of the table of a piece along an axis.</summary>
    public static string Name(DenseCopyPlan plan, int piece, int axis) =>
        Invariant($"{plan.MethodStem}_Distances{piece}{(char)('A' + axis)}");

    /// <summary>The pieces and axes that have tables.</summary>
    public static IEnumerable<(int Piece, int Axis)> Of(DenseCopyPlan plan) =>
        from piece in Enumerable.Range(0, plan.Pieces.Count)
        where plan.Pieces[piece].Input >= 0
        from axis in Enumerable.Range(0, plan.Pieces[piece].Nest.Extents.Count)
        where plan.Pieces[piece].Nest.Operands[0].Table(axis) is not null
        select (piece, axis);

    /// <summary>Writes the tables of a step.</summary>
    public static void Write(CSharpWriter writer, DenseCopyPlan plan)
    {
        foreach (var (piece, axis) in Of(plan))
        {
            var table = plan.Pieces[piece].Nest.Operands[0].Table(axis)!;
            writer.Line(
                $"/// <summary>{CSharpText.Documentation(plan.Node.Name)}: the distance of the element for each index of an axis.</summary>"
            );
            writer.Line($"private static System::ReadOnlySpan<int> {Name(plan, piece, axis)} => [{CSharpText.Numbers(table)}];");
            writer.Line();
        }
    }
}

using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Runtime;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Copies;

/// <summary>Writes the tables of copies whose indices follow no step.</summary>
internal static class CopyTables
{
    // Each is a vector in code.
    private const int MostRepeats = 8;

    /// <summary>The name of the table of a piece along an axis.</summary>
    public static string Name(DenseCopyPlan plan, int piece, int axis) =>
        Invariant($"{plan.MethodStem}_Distances{piece}{(char)('A' + axis)}");

    /// <summary>The pieces and axes that have tables.</summary>
    public static IEnumerable<(int Piece, int Axis)> Of(DenseCopyPlan plan) =>
        from piece in Enumerable.Range(0, plan.Pieces.Count)
        where plan.Pieces[piece].Input >= 0
        from axis in Enumerable.Range(0, plan.Pieces[piece].Nest.Extents.Count)
        where plan.Pieces[piece].Nest.Operands[0].Table(axis) is not null
        where axis < plan.Pieces[piece].Nest.Extents.Count - 1 || Repeats(plan, plan.Pieces[piece]) is null
        select (piece, axis);

    /// <summary>
    /// How often every element of the run comes, where neighbours of the source come one after the other and all equally often, as when
    /// pixels become squares; null otherwise. Such runs need no table.
    /// </summary>
    public static int? Repeats(DenseCopyPlan plan, CopyPiece piece)
    {
        var run = piece.Nest.Extents.Count - 1;
        if (
            plan.IsBytes
            || piece.Input < 0
            || piece.Nest.Chunks > 1
            || piece.Nest.Operands[piece.Nest.Operands.Count - 1].Strides[run] != 1
        )
            return null;
        if (piece.Nest.Operands[0].Table(run) is not { } table || table[0] != 0)
            return null;
        var repeats = table.TakeWhile(index => index == 0).Count();
        var isEven = repeats is > 1 and <= MostRepeats && table.Count % repeats == 0;
        return isEven && table.Select((index, position) => index == position / repeats).All(fits => fits) ? repeats : null;
    }

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

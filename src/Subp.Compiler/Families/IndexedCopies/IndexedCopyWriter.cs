using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Runtime;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Writes copies from computed indices: each is checked before anything is read.</summary>
internal static class IndexedCopyWriter
{
    /// <summary>Writes the methods; the code is the same for all instruction sets.</summary>
    public static void Write(CSharpWriter writer, IndexedCopyPlan plan, InstructionSet set)
    {
        var (positions, extent, inner) = (plan.Positions, plan.Extent, plan.Inner);
        using (
            FamilyText.Method(
                writer,
                plan,
                set,
                Invariant($"{positions} of {extent} indices, {inner} neighbours at each"),
                ["data", "indices", "output"]
            )
        )
        {
            writer.Line("// A task is what one index takes for one position of the axes in front.");
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                writer.Line($"int outer = tile / {positions};");
                writer.Line($"float place = indices[tile - outer * {positions}];");
                writer.Line("// Not the other way round: what is no number is no index either.");
                writer.Line($"if (!(place >= -{extent}f && place < {extent}f))");
                using (writer.Indented())
                    writer.Line($"{plan.MethodStem}_Refuse(place);");
                writer.Line("int own = (int)place;");
                writer.Line("if (own < 0)");
                using (writer.Indented())
                    writer.Line($"own += {extent};");
                writer.Line($"float* source = data + (outer * {extent} + own) * {inner};");
                writer.Line(
                    inner == 1
                        ? "output[tile] = *source;"
                        : Invariant(
                            $"new System::ReadOnlySpan<float>(source, {inner}).CopyTo(new System::Span<float>(output + tile * {inner}, {inner}));"
                        )
                );
            }
        }

        writer.Line();
        var found = CSharpText.Literal($"Layer '{plan.Node.Name}': found the index ");
        var expected = CSharpText.Literal(Invariant($", expected a whole number from {-extent} to {extent - 1}."));
        writer.Line("/// <summary>Ends the run at an index that is out of range.</summary>");
        writer.Line($"private static void {plan.MethodStem}_Refuse(float place) =>");
        using (writer.Indented())
        {
            writer.Line("throw new System::IndexOutOfRangeException(");
            using (writer.Indented())
                writer.Line($"{found} + place.ToString(System::Globalization.CultureInfo.InvariantCulture) + {expected});");
        }

        writer.Line();
    }
}

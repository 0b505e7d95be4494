using Subp.Compiler.Emission;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Writes copies from computed indices: each is checked before anything is read.</summary>
internal static class IndexedCopyWriter
{
    /// <summary>Writes the methods; the code is the same for all instruction sets.</summary>
    public static void Write(CSharpWriter writer, IndexedCopyPlan plan, InstructionSet set)
    {
        var (positions, extents, inner) = (plan.Positions, plan.Extents, plan.Inner);
        var sentence = Invariant($"{positions} indices of {string.Join(" x ", extents)}, {inner} neighbours at each");
        using (FamilyText.Method(writer, plan, set, sentence, ["data", "indices", "output"]))
        {
            var which = extents.Count == 1 ? "index" : "tuple of indices";
            writer.Line($"// A task is what one {which} takes for one position of the axes in front.");
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                if (plan.SharesIndices)
                {
                    writer.Line($"int place = tile / {positions};");
                    writer.Line($"float index = indices[tile - place * {positions}];");
                    writer.Line($"place = place * {extents[0]} + {IndexCheck.Call(plan, "index", extents[0])};");
                }
                else
                {
                    writer.Line(positions == plan.TaskTiles ? "int place = 0;" : $"int place = tile / {positions};");
                    for (var axis = 0; axis < extents.Count; axis++)
                    {
                        var index = extents.Count == 1 ? "indices[tile]" : Invariant($"indices[tile * {extents.Count} + {axis}]");
                        writer.Line($"place = place * {extents[axis]} + {IndexCheck.Call(plan, index, extents[axis])};");
                    }
                }

                writer.Line(
                    inner == 1
                        ? "output[tile] = data[place];"
                        : Invariant(
                            $"new System::ReadOnlySpan<float>(data + place * {inner}, {inner}).CopyTo(new System::Span<float>(output + tile * {inner}, {inner}));"
                        )
                );
            }
        }

        writer.Line();
        IndexCheck.Write(writer, plan);
    }
}

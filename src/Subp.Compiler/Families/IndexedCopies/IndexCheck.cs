using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>The check of computed indices, which every read from them goes through.</summary>
internal static class IndexCheck
{
    /// <summary>The expression that checks an index and counts it from the front.</summary>
    public static string Call(FamilyPlan plan, string index, int extent) => Invariant($"{plan.MethodStem}_Index({index}, {extent})");

    /// <summary>Writes the methods that a layer's calls need.</summary>
    public static void Write(CSharpWriter writer, FamilyPlan plan)
    {
        writer.Line("/// <summary>An index from the front; one that is out of range ends the run.</summary>");
        using (writer.Block($"private static int {plan.MethodStem}_Index(float index, int extent)"))
        {
            writer.Line("// Not the other way round: what is no number is no index either.");
            writer.Line("if (!(index >= -extent && index < extent))");
            using (writer.Indented())
                writer.Line($"{plan.MethodStem}_Refuse(index, extent);");
            writer.Line("int own = (int)index;");
            writer.Line("return own < 0 ? own + extent : own;");
        }

        writer.Line();
        var found = CSharpText.Literal($"Layer '{plan.Node.Name}': found the index ");
        var expected = CSharpText.Literal(", expected a whole number from ");
        writer.Line("/// <summary>Ends the run at an index that is out of range.</summary>");
        using (writer.Block($"private static void {plan.MethodStem}_Refuse(float index, int extent)"))
        {
            writer.Line("var culture = System::Globalization.CultureInfo.InvariantCulture;");
            writer.Line($"string range = (-extent).ToString(culture) + \" to \" + (extent - 1).ToString(culture);");
            writer.Line($"throw new System::IndexOutOfRangeException({found} + index.ToString(culture) + {expected} + range + \".\");");
        }

        writer.Line();
    }
}

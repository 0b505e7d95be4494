using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Bytes;

/// <summary>Tables of bytes, which lie in the image of the program.</summary>
internal static class ByteTable
{
    private const int PerLine = 32;

    /// <summary>Writes a table of a layer.</summary>
    public static void Write(CSharpWriter writer, LayerPlan plan, string name, IReadOnlyList<byte> table, string what)
    {
        writer.Line($"/// <summary>{CSharpText.Documentation(plan.Node.Name)}: {what}.</summary>");
        using (writer.Block($"private static System::ReadOnlySpan<byte> {plan.MethodStem}_{name} =>", "];", opening: "["))
        {
            for (var first = 0; first < table.Count; first += PerLine)
                writer.Line(string.Concat(table.Skip(first).Take(PerLine).Select(value => Invariant($"{value}, "))).TrimEnd());
        }

        writer.Line();
    }

    /// <summary>A table as a pointer; constant data lies in the image and never moves.</summary>
    public static string Pointer(LayerPlan plan, string name) =>
        $"(byte*)Runtime::Unsafe.AsPointer(ref Interop::MemoryMarshal.GetReference({plan.MethodStem}_{name}))";
}

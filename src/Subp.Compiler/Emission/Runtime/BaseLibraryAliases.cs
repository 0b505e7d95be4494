namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// The aliases by which emitted code names the base class library: <c>X86::Avx512F.Add</c>, <c>System::Math.Min</c>. C# looks the left side
/// of <c>::</c> up among aliases alone, innermost first, so that no type and no namespace of the project the code lives in can take its
/// place; and the aliases stand inside the namespace, so that a <c>global using</c> of the same alias is hidden and not a second
/// definition. Extension methods are called as static ones, since a name without a qualifier would be looked up in the project first.
/// </summary>
internal static class BaseLibraryAliases
{
    private static readonly KeyValuePair<string, string>[] s_aliases =
    [
        new("IO", "System.IO"),
        new("Interop", "System.Runtime.InteropServices"),
        new("Runtime", "System.Runtime.CompilerServices"),
        new("Simd", "System.Runtime.Intrinsics"),
        new("System", "System"),
        new("Threading", "System.Threading"),
        new("X86", "System.Runtime.Intrinsics.X86"),
    ];

    /// <summary>The names of the aliases.</summary>
    public static IEnumerable<string> Names => s_aliases.Select(alias => alias.Key);

    /// <summary>Writes the directives that a text needs, in the order of their names.</summary>
    public static void Write(CSharpWriter writer, string text)
    {
        var any = false;
        foreach (var alias in s_aliases)
        {
            if (text.IndexOf(alias.Key + "::", StringComparison.Ordinal) < 0)
                continue;
            writer.Line($"using {alias.Key} = global::{alias.Value};");
            any = true;
        }

        if (any)
            writer.Line();
    }
}

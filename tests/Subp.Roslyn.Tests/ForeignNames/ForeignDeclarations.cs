namespace Subp.Roslyn.Tests.ForeignNames;

/// <summary>
/// A project that has a type, a namespace, an alias, a static method and an extension method of every name that emitted code uses. A scope
/// holds a type or a namespace of a name, not both, so there are two ways to deal them out to the three scopes.
/// </summary>
internal static class ForeignDeclarations
{
    // The root of the base library: C# has no way to name it where a project has put a type in its place, nor does the SDK's own code
    // compile there.
    private const string Root = "System";

    /// <summary>The text of the declarations.</summary>
    /// <param name="names">The names.</param>
    /// <param name="own">The names of the models' classes, which the model's namespace has no second time.</param>
    /// <param name="typesBesideModel">Types in the model's namespace and the global one and namespaces in between, or the other way
    /// round.</param>
    public static string Text(IEnumerable<string> names, IReadOnlyCollection<string> own, bool typesBesideModel)
    {
        var all = names.Except(own).Where(name => name is not ("Host" or "Inner")).ToArray();
        var aliases = new[] { "IO", "Interop", "Runtime", "Simd", "Threading", "X86" };
        var methods = string.Join(" ", all.Select(name => $"public static object @{name}(object value) => value;"));
        var extensions = string.Join(" ", all.Select(name => $"public static object @{name}<T>(this T value) => null!;"));
        return string.Join(
            "\n",
            [
                "#pragma warning disable",
                .. aliases.Select(alias => $"global using {alias} = global::System.Text;"),
                "global using static global::Host.ForeignMethods;",
                $$"""
                namespace Host.Inner
                {
                    {{Declare(all, typesBesideModel)}}
                    public static class ForeignExtensions { {{extensions}} }
                }
                namespace Host
                {
                    {{Declare(all, !typesBesideModel)}}
                    public static class ForeignMethods { {{methods}} }
                }
                {{Declare(all.Where(name => name != Root), typesBesideModel)}}
                """,
            ]
        );
    }

    private static string Declare(IEnumerable<string> names, bool types) =>
        string.Join(" ", names.Select(name => types ? $"public class @{name} {{ }}" : $"namespace @{name} {{ class Nothing {{ }} }}"));
}

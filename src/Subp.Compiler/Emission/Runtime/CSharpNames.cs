using System.Globalization;
using System.Text;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>What C# accepts as a name, and how a name that is a keyword is written.</summary>
internal static class CSharpNames
{
    // The reserved words. Contextual keywords may be names wherever emitted code puts one.
    private static readonly HashSet<string> s_keywords = new(StringComparer.Ordinal)
    {
        "abstract",
        "as",
        "base",
        "bool",
        "break",
        "byte",
        "case",
        "catch",
        "char",
        "checked",
        "class",
        "const",
        "continue",
        "decimal",
        "default",
        "delegate",
        "do",
        "double",
        "else",
        "enum",
        "event",
        "explicit",
        "extern",
        "false",
        "finally",
        "fixed",
        "float",
        "for",
        "foreach",
        "goto",
        "if",
        "implicit",
        "in",
        "int",
        "interface",
        "internal",
        "is",
        "lock",
        "long",
        "namespace",
        "new",
        "null",
        "object",
        "operator",
        "out",
        "override",
        "params",
        "private",
        "protected",
        "public",
        "readonly",
        "ref",
        "return",
        "sbyte",
        "sealed",
        "short",
        "sizeof",
        "stackalloc",
        "static",
        "string",
        "struct",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "uint",
        "ulong",
        "unchecked",
        "unsafe",
        "ushort",
        "using",
        "virtual",
        "void",
        "volatile",
        "while",
    };

    /// <summary>True for a letter or an underscore, followed by letters, digits, marks and connectors, of any script.</summary>
    public static bool IsIdentifier(string name) => name.Length > 0 && IsStart(name[0]) && name.All(IsPart);

    /// <summary>A namespace as code has it: <c>App.class</c> becomes <c>App.@class</c>.</summary>
    public static string Qualified(string name) =>
        string.Join(".", name.Split('.').Select(part => s_keywords.Contains(part) ? "@" + part : part));

    /// <summary>
    /// A namespace from any text, as a project takes its root namespace from its name: what C# does not allow becomes an underscore, and an
    /// underscore comes in front of a digit.
    /// </summary>
    public static string NamespaceFrom(string text) => string.Join(".", text.Split('.').Select(IdentifierFrom));

    /// <summary>True for a reserved word.</summary>
    public static bool IsKeyword(string name) => s_keywords.Contains(name);

    private static string IdentifierFrom(string text)
    {
        var name = new StringBuilder();
        foreach (var character in text)
            name.Append(IsPart(character) ? character : '_');
        return name.Length > 0 && IsStart(name[0]) ? name.ToString() : "_" + name;
    }

    private static bool IsStart(char character) =>
        character == '_' || char.IsLetter(character) || char.GetUnicodeCategory(character) == UnicodeCategory.LetterNumber;

    private static bool IsPart(char character) =>
        IsStart(character)
        || char.GetUnicodeCategory(character)
            is UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.ConnectorPunctuation
                or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark;
}

using System.Text;
using Subp.Compiler.Planning;
using Subp.Core.Diagnostics;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Refuses names of class and namespace that cannot become C#, before they turn into errors in the middle of emitted code.
/// </summary>
internal static class ClassNameCheck
{
    // The longest class name in bytes of UTF-8: files bear it, with the name of a layer behind, and a name of a file has 255 bytes.
    private const int LongestName = 150;

    /// <summary>Requires names that C# accepts.</summary>
    /// <exception cref="SubpException">
    /// A name is no identifier, or too long to name files after it, or the class would bear the name of one of its members or
    /// of an alias.
    /// </exception>
    public static void Require(string @namespace, string className)
    {
        if (!@namespace.Split('.').All(CSharpNames.IsIdentifier))
            throw new SubpException(
                DiagnosticDescriptors.InvalidCompileOption,
                "option 'namespace'",
                $"the namespace '{CSharpText.Comment(@namespace)}'",
                "identifiers of letters, digits and underscores between dots"
            );
        // No keyword of C# begins with a capital letter, or with one that has no case.
        if (!CSharpNames.IsIdentifier(className) || className[0] is >= 'a' and <= 'z')
            throw new SubpException(
                DiagnosticDescriptors.InvalidCompileOption,
                "option 'class-name'",
                $"the class name '{CSharpText.Comment(className)}'",
                "a capital letter, then letters, digits and underscores"
            );
        if (Encoding.UTF8.GetByteCount(className) > LongestName)
            throw new SubpException(
                DiagnosticDescriptors.InvalidCompileOption,
                "option 'class-name'",
                FormattableString.Invariant($"a class name of {Encoding.UTF8.GetByteCount(className)} bytes"),
                FormattableString.Invariant($"at most {LongestName} bytes, since files are named after the class"),
                "Choose a shorter name with --class-name."
            );
        if (MemberNames.Contains(className))
            throw new SubpException(
                DiagnosticDescriptors.InvalidCompileOption,
                "option 'class-name'",
                $"the class name '{className}'",
                "a name that no member of the class and no alias of its files has",
                "Choose another name with --class-name."
            );
    }
}

using Subp.Core.Diagnostics;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Refuses names of class and namespace that cannot become C#, before they turn into errors in the middle of emitted code.
/// </summary>
internal static class ClassNameCheck
{
    // The members and nested types of an emitted class; a class may not bear the name of one of them.
    private static readonly string[] s_members =
    [
        "AlignedMemory",
        "ArenaBytes",
        "Avx2",
        "Avx512",
        "BestInstructionSet",
        "ClassNames",
        "CompileAhead",
        "CompileOptions",
        "CreateSession",
        "FromFile",
        "FromResource",
        "InputLength",
        "InputName",
        "InputShape",
        "Instance",
        "InstructionSet",
        "IsSupported",
        "KernelCode",
        "LayerNames",
        "Load",
        "ModelName",
        "NormalizationDeviation",
        "NormalizationMean",
        "OutputLength",
        "OutputName",
        "OutputShape",
        "PaddedLong",
        "Portable",
        "Prepare",
        "Session",
        "Sparsity",
        "StructureHash",
        "SupportedThreadCounts",
        "TeamMember",
        "ThreadTeam",
        "WorkTable",
    ];

    /// <summary>Requires names that C# accepts.</summary>
    /// <exception cref="SubpException">A name is no identifier, or the class would bear the name of one of its members.</exception>
    public static void Require(string @namespace, string className)
    {
        if (!@namespace.Split('.').All(IsIdentifier))
            throw new SubpException(
                DiagnosticDescriptors.InvalidCompileOption,
                "option 'namespace'",
                $"the namespace '{CSharpText.Comment(@namespace)}'",
                "identifiers of letters, digits and underscores between dots"
            );
        // No keyword of C# begins with a capital letter.
        if (!IsIdentifier(className) || className[0] is >= 'a' and <= 'z')
            throw new SubpException(
                DiagnosticDescriptors.InvalidCompileOption,
                "option 'class'",
                $"the class name '{CSharpText.Comment(className)}'",
                "a capital letter, then letters, digits and underscores"
            );
        if (s_members.Contains(className, StringComparer.Ordinal))
            throw new SubpException(
                DiagnosticDescriptors.InvalidCompileOption,
                "option 'class'",
                $"the class name '{className}'",
                "a name that no member of the class has",
                "Choose another name with --class-name."
            );
    }

    private static bool IsIdentifier(string name) =>
        name.Length > 0
        && name[0] is not (>= '0' and <= '9')
        && name.All(character => character is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_');
}

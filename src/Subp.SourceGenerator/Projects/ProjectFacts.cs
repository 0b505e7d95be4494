using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Subp.SourceGenerator.Projects;

/// <summary>What emitted code needs of a project. The record changes when the project file does, not when code does.</summary>
/// <param name="Language">The language version.</param>
/// <param name="AllowsUnsafe">Whether unsafe code is allowed.</param>
/// <param name="HasVectors">Whether the target framework has the vector operations of .NET 9, among them the multiply-add of portable
/// kernels.</param>
internal sealed record ProjectFacts(LanguageVersion Language, bool AllowsUnsafe, bool HasVectors)
{
    /// <summary>The oldest language version that understands emitted code.</summary>
    public const LanguageVersion OldestLanguage = LanguageVersion.CSharp12;

    /// <summary>
    /// A type that came with the vector operations of .NET 9. Kernels do not use it; to look for a type is quicker than for a method, and
    /// it happens at every edit.
    /// </summary>
    public const string VectorType = "System.Runtime.Intrinsics.X86.Avx10v1";

    /// <summary>True where emitted code compiles.</summary>
    public bool IsReady => Language >= OldestLanguage && AllowsUnsafe && HasVectors;

    /// <summary>The facts of a compilation.</summary>
    public static ProjectFacts Of(Compilation compilation) =>
        new(
            (compilation as CSharpCompilation)?.LanguageVersion ?? LanguageVersion.Default,
            (compilation as CSharpCompilation)?.Options.AllowUnsafe ?? false,
            compilation.GetTypeByMetadataName(VectorType) is not null
        );
}

using Microsoft.CodeAnalysis.CSharp;
using Subp.Core.Diagnostics;
using Subp.SourceGenerator.Projects;

namespace Subp.SourceGenerator.Reporting;

/// <summary>Says what a project lacks before emitted code can compile, and which property mends it.</summary>
internal static class ProjectRules
{
    /// <summary>The findings about a project; none where emitted code compiles.</summary>
    public static IEnumerable<Finding> Check(ProjectFacts facts, string projectPath)
    {
        var place = Place.StartOf(projectPath);
        Finding Of(DiagnosticDescriptor descriptor, string property, string found, string expected, string action) =>
            new(
                descriptor.Id,
                new Diagnostic(descriptor, "", found, expected, action).Message,
                place,
                new Subject(SubjectKind.Property, property)
            );

        if (!facts.HasVectors)
            yield return Of(
                DiagnosticDescriptors.FrameworkTooOld,
                "TargetFramework",
                "a target framework without " + ProjectFacts.VectorType,
                "net9.0 or later",
                "Set <TargetFramework>net9.0</TargetFramework> or a later one in the project file."
            );
        if (facts.Language < ProjectFacts.OldestLanguage)
            yield return Of(
                DiagnosticDescriptors.LanguageVersionTooOld,
                "LangVersion",
                "C# " + facts.Language.ToDisplayString(),
                $"C# {ProjectFacts.OldestLanguage.ToDisplayString()} or later",
                "Remove <LangVersion> from the project file, or set <LangVersion>12</LangVersion>."
            );
        if (!facts.AllowsUnsafe)
            yield return Of(
                DiagnosticDescriptors.UnsafeCodeNotAllowed,
                "AllowUnsafeBlocks",
                "a project without AllowUnsafeBlocks",
                "a project with it, since kernels use pointers",
                "Add <AllowUnsafeBlocks>true</AllowUnsafeBlocks> to a PropertyGroup of the project file."
            );
    }
}

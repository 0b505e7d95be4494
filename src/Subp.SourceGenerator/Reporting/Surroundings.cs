using Subp.SourceGenerator.Projects;

namespace Subp.SourceGenerator.Reporting;

/// <summary>What findings are completed with at the very end: lines of the project file, and where help lies.</summary>
/// <param name="Project">The project file.</param>
/// <param name="Pages">The folder with the pages about diagnostics; empty where there is none.</param>
internal sealed record Surroundings(ProjectText Project, string Pages)
{
    /// <summary>The findings with their places in the project file and their help.</summary>
    public EquatableArray<Finding> Complete(EquatableArray<Finding> findings) =>
        findings.Count == 0
            ? findings
            : new EquatableArray<Finding>(findings.Select(finding => Project.Place(finding) with { Pages = Pages }));
}

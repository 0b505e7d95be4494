namespace Subp.Core.Diagnostics;

/// <summary>One kind of diagnostic: a stable id, what it is about, and how much it matters.</summary>
/// <param name="Id">The stable id, <c>SUBPnnnn</c>. The page docs/diagnostics/SUBPnnnn.md explains it. Ids are never reused.</param>
/// <param name="Title">What is wrong in general, without the particulars; starts with a capital letter, has no full stop.</param>
/// <param name="Severity">How much it matters.</param>
public sealed record DiagnosticDescriptor(string Id, string Title, DiagnosticSeverity Severity)
{
    /// <summary>The documentation page of this diagnostic, relative to the root of the repository.</summary>
    public string HelpPage => $"docs/diagnostics/{Id}.md";
}

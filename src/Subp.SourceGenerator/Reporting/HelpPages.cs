using Microsoft.CodeAnalysis.Diagnostics;
using Subp.Core.Diagnostics;

namespace Subp.SourceGenerator.Reporting;

/// <summary>
/// The addresses of the pages about diagnostics. They travel in the package, whose folder the targets tell; an editor opens a file from its
/// address.
/// </summary>
internal static class HelpPages
{
    private const string Property = "build_property.SubpDiagnosticPages";

    /// <summary>The folder with the pages; empty where the generator does not come from a package.</summary>
    public static string Folder(AnalyzerConfigOptionsProvider options) =>
        options.GlobalOptions.TryGetValue(Property, out var folder) ? folder.Trim() : "";

    /// <summary>The address of a page in the folder; the path in a clone where there is no folder.</summary>
    public static string Address(DiagnosticDescriptor rule, string folder) =>
        folder.Length > 0 && Uri.TryCreate($"{folder.TrimEnd('/', '\\')}/{rule.Id}.md", UriKind.Absolute, out var address) && address.IsFile
            ? address.AbsoluteUri
            : rule.HelpPage;
}

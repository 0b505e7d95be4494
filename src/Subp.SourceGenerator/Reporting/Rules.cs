using Microsoft.CodeAnalysis;
using Subp.Core.Diagnostics;
using DiagnosticDescriptor = Microsoft.CodeAnalysis.DiagnosticDescriptor;
using DiagnosticSeverity = Microsoft.CodeAnalysis.DiagnosticSeverity;

namespace Subp.SourceGenerator.Reporting;

/// <summary>The table of the product as rules of the C# compiler, made from it so that there is one table only.</summary>
public static class Rules
{
    /// <summary>The category under which the compiler files the rules.</summary>
    public const string Category = "Subp";

    private static readonly Dictionary<string, DiagnosticDescriptor> s_rules = DiagnosticDescriptors
        .All.Where(IsReported)
        .ToDictionary(entry => entry.Id, entry => Rule(entry, ""), StringComparer.Ordinal);

    /// <summary>Every rule, in the order of the ids.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } = [.. s_rules.Values.OrderBy(rule => rule.Id, StringComparer.Ordinal)];

    /// <summary>A rule whose help link leads into the folder with the pages, where there is one.</summary>
    internal static DiagnosticDescriptor Of(string id, string pages) =>
        pages.Length == 0 ? s_rules[id] : Rule(DiagnosticDescriptors.All.First(entry => entry.Id == id), pages);

    private static DiagnosticDescriptor Rule(Core.Diagnostics.DiagnosticDescriptor entry, string pages) =>
        new(
            entry.Id,
            entry.Title,
            "{0}",
            Category,
            Severity(entry),
            isEnabledByDefault: true,
            helpLinkUri: HelpPages.Address(entry, pages)
        );

    // What a build can meet: the text, the graph, the weights hash, compiling (but not making a DLL, 061x), and the generator itself.
    private static bool IsReported(Core.Diagnostics.DiagnosticDescriptor entry) =>
        entry.Id.Substring(4, 3) is "010" or "020" or "022" or "023" or "060" or "062" or "100"
        || entry == DiagnosticDescriptors.WeightHashMismatch
        || entry == DiagnosticDescriptors.InternalError;

    private static DiagnosticSeverity Severity(Core.Diagnostics.DiagnosticDescriptor entry) =>
        entry.Severity switch
        {
            Core.Diagnostics.DiagnosticSeverity.Error => DiagnosticSeverity.Error,
            Core.Diagnostics.DiagnosticSeverity.Warning => DiagnosticSeverity.Warning,
            _ => DiagnosticSeverity.Info,
        };
}

extern alias generator;
using System.Globalization;
using System.Runtime.CompilerServices;
using generator::Subp.SourceGenerator.Reporting;
using Subp.Core.Diagnostics;
using Xunit;

namespace Subp.SourceGenerator.Tests;

public sealed class RuleTableTests
{
    [Fact]
    public void Every_rule_is_an_entry_of_the_table_with_its_title_severity_and_page()
    {
        Assert.NotEmpty(Rules.All);
        Assert.All(
            Rules.All,
            rule =>
            {
                var entry = DiagnosticDescriptors.All.Single(entry => entry.Id == rule.Id);
                Assert.Equal(
                    (entry.Title, entry.Severity.ToString(), entry.HelpPage),
                    (rule.Title.ToString(CultureInfo.InvariantCulture), rule.DefaultSeverity.ToString(), rule.HelpLinkUri)
                );
                Assert.True(File.Exists(Path.Combine(Root(), rule.HelpLinkUri)), $"{rule.HelpLinkUri} is missing.");
            }
        );
        Assert.All(
            DiagnosticDescriptors.All.Where(entry => entry.Id.StartsWith("SUBP100", StringComparison.Ordinal)),
            entry => Assert.Contains(Rules.All, rule => rule.Id == entry.Id)
        );
    }

    [Fact]
    public void The_release_files_list_exactly_the_rules()
    {
        var folder = Path.Combine(Root(), "src", "Subp.SourceGenerator");
        var listed = new[] { "AnalyzerReleases.Shipped.md", "AnalyzerReleases.Unshipped.md" }
            .SelectMany(file => File.ReadLines(Path.Combine(folder, file)))
            .Where(line => line.StartsWith("SUBP", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[0], cells[1], cells[2], cells[3]));
        Assert.Equal(
            Rules.All.Select(rule =>
                (rule.Id, rule.Category, rule.DefaultSeverity.ToString(), rule.Title.ToString(CultureInfo.InvariantCulture))
            ),
            listed.Order()
        );
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}

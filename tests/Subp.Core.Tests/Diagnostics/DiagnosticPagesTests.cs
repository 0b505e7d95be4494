using System.Runtime.CompilerServices;
using Subp.Core.Diagnostics;
using Xunit;

namespace Subp.Core.Tests.Diagnostics;

public class DiagnosticPagesTests
{
    public static TheoryData<string> Ids => [.. DiagnosticDescriptors.All.Select(descriptor => descriptor.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_diagnostic_has_a_page_with_its_title(string id)
    {
        var descriptor = DiagnosticDescriptors.All.Single(descriptor => descriptor.Id == id);
        var page = Path.Combine(Root(), descriptor.HelpPage);
        Assert.True(File.Exists(page), $"{descriptor.HelpPage} is missing.");
        Assert.Equal($"# {descriptor.Id}: {descriptor.Title}", File.ReadLines(page).First());
    }

    [Fact]
    public void No_page_is_without_a_diagnostic()
    {
        var known = DiagnosticDescriptors.All.Select(descriptor => descriptor.Id).ToHashSet();
        var pages = Directory.GetFiles(Path.Combine(Root(), "docs", "diagnostics"), "SUBP*.md").Select(Path.GetFileNameWithoutExtension);
        Assert.DoesNotContain(pages, page => !known.Contains(page!));
    }

    [Fact]
    public void Ids_are_unique_and_titles_are_phrases_without_a_full_stop()
    {
        Assert.Equal(DiagnosticDescriptors.All.Count, DiagnosticDescriptors.All.Select(descriptor => descriptor.Id).Distinct().Count());
        Assert.All(
            DiagnosticDescriptors.All,
            descriptor =>
            {
                Assert.Matches("^SUBP(0[1-9]|10)[0-9]{2}$", descriptor.Id);
                Assert.Matches("^[A-Z.].*[^.]$", descriptor.Title);
            }
        );
    }

    [Fact]
    public void A_message_has_the_form_that_build_tools_parse()
    {
        var diagnostic = new Diagnostic(
            DiagnosticDescriptors.UnknownOperator,
            "m.subp(4,24)",
            "'rleu'",
            "an operator",
            "Did you mean 'relu'?"
        );
        Assert.Equal(
            "m.subp(4,24): error SUBP0103: The operator is not known: found 'rleu', expected an operator. Did you mean 'relu'?",
            diagnostic.ToString()
        );
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}

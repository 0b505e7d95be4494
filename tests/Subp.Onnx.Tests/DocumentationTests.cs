using Subp.Core.Diagnostics;
using Subp.Onnx.Import.Inlining;
using Xunit;

namespace Subp.Onnx.Tests;

public class DocumentationTests
{
    [Fact]
    public void The_page_of_operators_is_the_table_of_converters()
    {
        var expected = OnnxImporter
            .SupportedOperators.Select(row => $"| {row.Name} | {row.Becomes} | {row.Limits} |")
            .Concat(FusedOperators.Parts.Select(fused => $"| {fused.Key} | {fused.Value} |"));
        var rows = File.ReadAllLines(Path.Combine(Root(), "docs", "onnx-operators.md"))
            .Where(line =>
                line.StartsWith("| ", StringComparison.Ordinal)
                && !line.StartsWith("| ONNX", StringComparison.Ordinal)
                && !line.StartsWith("| operator", StringComparison.Ordinal)
            );
        Assert.Equal(expected, rows);
    }

    [Fact]
    public void Every_diagnostic_of_ONNX_has_a_page_with_its_title()
    {
        var descriptors = DiagnosticDescriptors
            .All.Where(descriptor => descriptor.Id.StartsWith("SUBP04", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(10, descriptors.Count);
        foreach (var descriptor in descriptors)
            Assert.StartsWith(
                $"# {descriptor.Id}: {descriptor.Title}\n",
                File.ReadAllText(Path.Combine(Root(), descriptor.HelpPage)),
                StringComparison.Ordinal
            );
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SubpCompiler.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside of the repository.");
        return folder.FullName;
    }
}

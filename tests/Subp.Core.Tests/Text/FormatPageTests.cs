using System.Runtime.CompilerServices;
using Subp.Core.Operators;
using Subp.Core.Text;
using Xunit;

namespace Subp.Core.Tests.Text;

public class FormatPageTests
{
    [Fact]
    public void The_example_of_the_format_page_is_canonical()
    {
        var text = string.Concat(Page().Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line[4..] + "\n"));
        var parsed = SubpParser.Parse(
            text.Replace("structure sha256:HASH\n", "").Replace("WEIGHTS", new string('0', 64)),
            "subp-format.md"
        );
        var expected = text.Replace("HASH", StructureHash.Compute(parsed.Graph)).Replace("WEIGHTS", new string('0', 64));
        Assert.Equal(expected, SubpPrinter.Print(parsed));
    }

    [Fact]
    public void Every_operator_has_its_row_on_the_format_page() =>
        Assert.All(
            OperatorRegistry.Mnemonics,
            name => Assert.Contains(Page(), line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal))
        );

    private static string[] Page([CallerFilePath] string here = "") =>
        File.ReadAllLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "subp-format.md"));
}

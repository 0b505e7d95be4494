using Subp.Benchmarks.Peers.Reporting;

namespace Subp.Benchmarks.Tests.Peers;

public sealed class BenchmarkPageTests
{
    private static readonly string[] Order = ["Networks", "Layers"];

    [Fact]
    public void Sections_stand_in_their_order_whatever_was_measured_first()
    {
        var first = BenchmarkPage.Update(null, "# CPU\n", [Section("Layers", "a", "1")], Order);
        var both = BenchmarkPage.Update(first, "# CPU\n", [Section("Networks", "r", "2")], Order);
        Assert.True(both.IndexOf("## Networks", StringComparison.Ordinal) < both.IndexOf("## Layers", StringComparison.Ordinal));
        Assert.Contains("| a    |  1 |", both, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_measured_nothing_new_leaves_the_same_bytes()
    {
        var page = BenchmarkPage.Update(null, "# CPU\n", [Section("Networks", "r", "2"), Section("Layers", "a", "1")], Order);
        Assert.Equal(page, BenchmarkPage.Update(page, "# CPU\n", [], Order));
        Assert.Equal(page, BenchmarkPage.Update(page, "# CPU\n", [Section("Layers", "a", "1")], Order));
    }

    [Fact]
    public void A_section_that_there_is_no_more_is_dropped()
    {
        var page = BenchmarkPage.Update("# CPU\n\n## Gone\n\nwords\n", "# CPU\n", [Section("Networks", "r", "2")], Order);
        Assert.DoesNotContain("Gone", page, StringComparison.Ordinal);
    }

    private static Section Section(string title, string row, string figure)
    {
        var table = new MarkdownTable("name", ">us");
        table.Add(row, figure);
        return new Section(title, ["How it was measured."], [table], [row]);
    }
}

using Subp.Benchmarks.Peers.Reporting;

namespace Subp.Benchmarks.Tests.Peers;

public sealed class MarkdownTableTests
{
    [Fact]
    public void Numbers_are_right_aligned_and_columns_as_wide_as_their_widest_cell()
    {
        Assert.Equal("| layer | us |\n| ----- | --:|\n| a     | 10 |\n| b     |  7 |\n", Table(("a", "10"), ("b", "7")).ToString());
    }

    [Fact]
    public void A_table_read_from_its_own_text_is_the_same()
    {
        var table = Table(("a", "10"), ("b", "7"));
        var read = Assert.Single(MarkdownTable.ParseAll(table.ToString().Split('\n')));
        Assert.Equal(table.ToString(), read.ToString());
    }

    [Fact]
    public void Tables_with_text_between_them_are_told_apart()
    {
        var text = Table(("a", "1")) + "\nwords\n\n" + Table(("b", "2"), ("c", "3"));
        Assert.Equal([1, 2], MarkdownTable.ParseAll(text.Split('\n')).Select(table => table.Rows.Count));
    }

    [Fact]
    public void A_merge_replaces_rows_that_were_measured_and_keeps_the_others_in_order()
    {
        var merged = Table(("b", "5")).MergedWith(Table(("c", "3"), ("b", "2"), ("a", "1")), ["a", "b", "c"]);
        Assert.Equal(["a 1", "b 5", "c 3"], merged.Rows.Select(row => string.Join(' ', row)));
    }

    [Fact]
    public void A_merge_drops_rows_that_there_are_no_more()
    {
        Assert.Equal(["a 1"], Table(("a", "1")).MergedWith(Table(("gone", "2")), ["a"]).Rows.Select(row => string.Join(' ', row)));
    }

    [Fact]
    public void A_table_with_other_heads_gives_nothing()
    {
        var older = new MarkdownTable("layer", ">ms");
        older.Add("b", "2");
        Assert.Equal(["a 1"], Table(("a", "1")).MergedWith(older, ["a", "b"]).Rows.Select(row => string.Join(' ', row)));
    }

    [Fact]
    public void A_reason_with_a_bar_or_a_line_end_does_not_break_the_table()
    {
        var table = new MarkdownTable("layer", ">us", "remark");
        table.AddWithout("this|that\nmore", "a");
        Assert.Equal(["a", "-", "this/that more"], Assert.Single(table.Rows));
    }

    private static MarkdownTable Table(params (string Name, string Time)[] rows)
    {
        var table = new MarkdownTable("layer", ">us");
        foreach (var (name, time) in rows)
            table.Add(name, time);
        return table;
    }
}

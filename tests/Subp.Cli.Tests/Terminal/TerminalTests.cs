using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Tooling.Text;

namespace Subp.Cli.Tests.Terminal;

public sealed class TerminalTests
{
    [Fact]
    public void A_bar_is_drawn_on_a_terminal_and_shows_title_and_figures()
    {
        var error = new StringWriter();
        var context = new CommandContext(
            new TerminalStreams(TextWriter.Null, error, ErrorIsLive: true),
            Verbosity.Normal,
            json: false,
            CancellationToken.None
        );
        context.WithProgress("training", progress => progress(1, "loss 0.5"));
        Assert.Contains('\e', error.ToString());
        Assert.Contains("training", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("loss 0.5", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_progress_is_whole_lines()
    {
        var error = new StringWriter { NewLine = "\n" };
        var context = new CommandContext(
            new TerminalStreams(TextWriter.Null, error, ErrorIsLive: false),
            Verbosity.Normal,
            json: false,
            CancellationToken.None
        );
        context.WithProgress("training", progress => progress(1, "loss 0.5"));
        Assert.Matches(@"^training\n  training: done in \d+\.\d s  loss 0\.5\n$", error.ToString());
    }

    [Fact]
    public void A_diagnostic_is_coloured_on_a_terminal_only()
    {
        var error = new StringWriter();
        new CommandContext(
            new TerminalStreams(TextWriter.Null, error, ErrorIsLive: true),
            Verbosity.Quiet,
            json: false,
            CancellationToken.None
        ).Report(new Diagnostic(DiagnosticDescriptors.Usage, "subp", "x"));
        Assert.Contains("\e[31merror SUBP0801\e[0m", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_aligns_text_left_and_numbers_right()
    {
        var output = new StringWriter { NewLine = "\n" };
        var table = new TextTable("name", ">us");
        table.Add("a", "1.5");
        table.Add("longer", "12.0");
        table.Write(output);
        Assert.Equal("name      us\n------  ----\na        1.5\nlonger  12.0\n", output.ToString());
    }

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(1536, "1.5 KB")]
    [InlineData(5 << 20, "5.00 MB")]
    public void Sizes_have_units(long bytes, string expected) => Assert.Equal(expected, Figures.Bytes(bytes));
}

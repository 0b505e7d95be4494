using Subp.Cli.Compression;

namespace Subp.Cli.Tests.Compression;

public sealed class ParetoPlotTests
{
    [Fact]
    public void The_front_leaves_out_what_another_setting_beats()
    {
        ParetoPoint fast = new("75 %", 100, 0.3, 10),
            slower = new("50 %", 150, 0.4, 20),
            exact = new("25 %", 200, 0.1, 30);
        Assert.Equal([fast, exact], ParetoPlot.Front([exact, slower, fast]));
    }
}

using Subp.Benchmarks.Peers.Zeros;

namespace Subp.Benchmarks.Tests.Peers;

public sealed class StraightLineTests
{
    [Fact]
    public void Points_of_a_line_give_that_line()
    {
        var line = StraightLine.Through([(0.1, 12), (0.5, 20), (1, 30)]);
        Assert.Equal(10, line.Intercept, 9);
        Assert.Equal(20, line.Slope, 9);
        Assert.Equal(1, line.Determination, 9);
    }

    [Fact]
    public void What_stays_dense_is_no_excess()
    {
        // 30 us of layers that stay dense, a tenth of all multiply-adds; 5 us more than is in proportion.
        var series = new PrunedSeries("net", 30, 0.1, [new(0, 1, 100, 100), new(0.5, 0.55, 70, 71), new(0.9, 0.19, 42, 43)]);
        Assert.Equal(0.05, series.Excess, 6);
        Assert.Equal(0, series.LargestDistance, 6);
    }
}

using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Reporting;

namespace Subp.Benchmarks.Tests.Peers;

public sealed class GoalTests
{
    [Fact]
    public void A_slower_processor_gets_more_time_in_proportion_to_its_peak()
    {
        Assert.Equal(210, Goal.Scaled(105, Goal.StatedPeak / 2), 9);
    }

    [Theory]
    [InlineData(5.0, "met")]
    [InlineData(4.76, "met")]
    [InlineData(4.7, "not met (94 %)")]
    [InlineData(double.NaN, "-")]
    public void A_ratio_within_a_twentieth_of_its_goal_is_met(double ratio, string verdict)
    {
        Assert.Equal(verdict, Goal.AtLeast(ratio, 5.0));
    }

    [Theory]
    [InlineData(100, "met")]
    [InlineData(105, "met")]
    [InlineData(125, "not met (80 %)")]
    public void A_time_within_a_twentieth_of_its_goal_is_met(double time, string verdict)
    {
        Assert.Equal(verdict, Goal.AtMost(time, 100));
    }

    [Theory]
    [InlineData(2.2, 2.0, 2.4, "met")]
    [InlineData(1.95, 1.91, 2.4, "met")]
    [InlineData(1.5, 1.2, 1.7, "not met (75 %)")]
    [InlineData(1.9, 1.2, 2.4, "not decided (1.20x to 2.40x)")]
    [InlineData(double.NaN, double.NaN, double.NaN, "-")]
    public void Rounds_that_differ_much_decide_where_their_middle_half_agrees(double median, double lower, double upper, string verdict) =>
        Assert.Equal(verdict, Goal.Within(new Speedup(5, median, lower, upper), goal: 2));
}

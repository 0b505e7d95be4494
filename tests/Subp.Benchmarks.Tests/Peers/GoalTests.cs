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
    [InlineData(4.5, "met")]
    [InlineData(4.4, "not met (88 %)")]
    [InlineData(double.NaN, "-")]
    public void A_ratio_within_a_tenth_of_its_goal_is_met(double ratio, string verdict)
    {
        Assert.Equal(verdict, Goal.AtLeast(ratio, 5.0));
    }

    [Theory]
    [InlineData(100, "met")]
    [InlineData(111, "met")]
    [InlineData(125, "not met (80 %)")]
    public void A_time_within_a_tenth_of_its_goal_is_met(double time, string verdict)
    {
        Assert.Equal(verdict, Goal.AtMost(time, 100));
    }
}

using Subp.Benchmarks.Peers.Measuring;

namespace Subp.Benchmarks.Tests.Peers;

public sealed class SamplesTests
{
    [Fact]
    public void The_best_is_the_fastest_round_of_any_process()
    {
        Assert.Equal(10, Of([20, 30, 90], [10, 12, 50]).Best);
    }

    [Fact]
    public void The_medians_of_the_processes_are_told_apart()
    {
        Assert.Equal([30, 12], Of([20, 30, 90], [10, 12, 50]).Medians);
    }

    [Fact]
    public void A_ratio_is_taken_within_each_round_so_that_a_slow_time_of_the_machine_hits_both()
    {
        var speedup = Of([10, 100], [10]).Over(Of([30, 300], [20]));
        Assert.Equal(3, speedup.Median, 9);
        Assert.Equal(2, speedup.Best, 9);
        Assert.Equal(2, speedup.Least, 9);
    }

    [Fact]
    public void Without_rounds_there_is_no_figure()
    {
        Assert.True(double.IsNaN(new Samples().Best));
    }

    private static Samples Of(params double[][] processes)
    {
        var samples = new Samples();
        foreach (var process in processes)
        {
            samples.StartProcess();
            foreach (var time in process)
                samples.Add(time);
        }

        return samples;
    }
}

using Subp.Benchmarks.Peers.Measuring;

namespace Subp.Benchmarks.Tests.Peers;

public sealed class SamplesTests
{
    [Fact]
    public void The_figure_is_the_median_of_the_best_process()
    {
        var samples = new Samples();
        foreach (var process in new double[][] { [20, 30, 90], [10, 12, 50] })
        {
            samples.StartProcess();
            foreach (var time in process)
                samples.Add(time);
        }

        Assert.Equal(12, samples.Best);
        Assert.Equal(30, samples.Worst);
    }

    [Fact]
    public void Without_rounds_there_is_no_figure()
    {
        Assert.True(double.IsNaN(new Samples().Best));
    }
}
